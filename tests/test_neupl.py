"""NeuPL and Simplex-NeuPL reproduce the cycle of rock-paper-scissors in one network."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

import cam_arena
from cam_arena.agents import checkpoint, games, neupl, simplex_neupl
from cam_arena.agents.conditioning import ConditionedBackend, conditioned_layout
from cam_arena.agents.evaluate_run import load_trained
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.loop import Loop
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population.members import PolicyMember, load_member, save_member
from cam_arena.agents.population_run import PRESETS, Sizes
from cam_arena.agents.runlog import read_rows
from cam_arena.agents.sharing import make_policy
from cam_arena.agents.vecenv import Pairing
from cam_arena.agents.workers import Group

MATRIX = neupl.Config(game="rps", preset="matrix", workers=1, tensorboard=False)
SHORT = replace(PRESETS["matrix"], members=3, member_steps=5000, evaluation_games=200)
TINY = replace(SHORT, member_steps=1024, refresh_updates=2, evaluation_games=40)
ARENA = Sizes(
    2, 512, 8, 16, 2, 2, LearnerConfig(minibatch=64, precision="float32"), NetworkConfig((16, 16))
)


def document(run):
    return json.loads((run / "population.json").read_text())


def actions(run):
    """Return what each policy of a run plays."""
    game = MATRIX.make_game()
    return np.array(
        [
            games.action_probabilities(game, load_member(path))
            for path in sorted((run / "snapshots").iterdir())
        ]
    )


def test_one_network_becomes_the_cycle_of_best_responses(tmp_path):
    run = neupl.train(replace(MATRIX, out=tmp_path, sizes=SHORT, graph="latest", members=4))
    # The sink is rock.
    assert actions(run).argmax(1).tolist() == [1, 2, 0, 1]
    assert actions(run).max(1).min() > 0.9
    assert document(run)["frozen"][:2] == [1, 2]


def test_responses_to_equilibria_leave_little_to_gain(tmp_path):
    run = neupl.train(replace(MATRIX, out=tmp_path, sizes=SHORT))
    played = actions(run)
    assert played[0, 1] > 0.9 and played[1, 2] > 0.9
    found = document(run)
    np.testing.assert_allclose(found["graph"][1:3], [[1, 0, 0, 0], [0, 1, 0, 0]], atol=0.05)
    np.testing.assert_allclose(found["graph"][3][:3], [1 / 3] * 3, atol=0.1)
    assert found["history"][0]["population/exact_nash_conv"] > 1.5
    assert found["history"][-1]["population/exact_nash_conv"] < 0.25


def test_snapshots_of_one_policy_are_a_population_too(tmp_path):
    # A pure policy explores nothing, and this one has to become its own counter.
    learner = replace(SHORT.learner, entropy_weight=1.0, lr=0.01, lr_final=1.0)
    sizes = replace(SHORT, member_steps=8000, refresh_updates=4, learner=learner)
    config = replace(MATRIX, sizes=sizes, variant="snapshots", graph="latest", patience=1)
    run = neupl.train(replace(config, out=tmp_path))
    assert actions(run).argmax(1).tolist() == [1, 2, 0]
    assert load_member(run / "policy").condition is None


def test_without_a_sink_everyone_is_one_policy_that_meets_itself(tmp_path):
    config = replace(
        MATRIX, out=tmp_path, sizes=TINY, game="biased_rps", graph="self_play", freeze=False
    )
    run = neupl.train(config)
    found = document(run)
    assert found["policies"] == [0, 0, 0, 0] and len(list((run / "snapshots").iterdir())) == 1


def test_distillation_keeps_a_frozen_policy_in_the_network(tmp_path):
    run = neupl.train(replace(MATRIX, out=tmp_path, sizes=SHORT, graph="latest"))
    saved = checkpoint.latest(run / "checkpoints")
    network = load_member(run / "snapshots" / "001").policy
    network.load_state_dict(saved.tensors["weights"])
    # Frozen long before the end, and not trained since.
    first = PolicyMember("first", network, condition=document(run)["graph"][1])
    assert games.action_probabilities(MATRIX.make_game(), first)[1] > 0.8


@pytest.mark.parametrize("update", [3, 6])
@pytest.mark.parametrize("module", [neupl, simplex_neupl])
def test_an_interrupted_run_ends_with_the_same_weights(tmp_path, update, module):
    settings = dict(game="rps", preset="matrix", workers=1, tensorboard=False, sizes=TINY)
    config = module.Config(**settings, patience=1)
    whole = module.train(replace(config, out=tmp_path / "whole"))
    real = Loop.update

    def dying(self):
        if self.learner.updates == update:
            raise KeyboardInterrupt
        return real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loop, "update", dying)
        with pytest.raises(KeyboardInterrupt):
            module.train(replace(config, out=tmp_path / "parts"))
    parts = module.train(replace(config, out=tmp_path / "parts"))
    assert document(whole) == document(parts)
    one, other = (load_member(run / "policy").policy.state_dict() for run in (whole, parts))
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def test_two_workers_make_one_population(tmp_path):
    run = neupl.train(replace(MATRIX, out=tmp_path, sizes=TINY, workers=2))
    assert len(document(run)["history"]) >= 2


def test_any_mixture_is_responded_to(tmp_path):
    config = simplex_neupl.Config(
        out=tmp_path, game="rps", preset="matrix", workers=1, tensorboard=False, sizes=SHORT
    )
    found = document(simplex_neupl.train(config))["any_mixture"]
    # Who is told the prior does better than who is not, and than the equilibrium.
    assert found["informed"] > 0.15
    assert found["informed"] > found["uninformed"] + 0.1
    assert found["informed"] > found["equilibrium"] + 0.1
    assert found["informed"] < found["exact"] + 0.1
    assert abs(found["equilibrium"]) < 0.15


def test_mixtures_are_drawn_over_the_policies_there_are():
    config = simplex_neupl.Config(game="rps", preset="matrix", sizes=SHORT, simplex_share=1.0)
    game = config.make_game()
    layout = conditioned_layout(game.layout, 4)
    population = neupl.Population(config, game, config.make_policy(game, layout, seed=0))
    rng = np.random.default_rng(0)
    # At first all respond to the sink: there are the sink and one policy.
    drawn = [simplex_neupl.draw_mixture(population, rng, 1.0) for _ in range(50)]
    assert all(mixture[2:].sum() == 0 and mixture.sum() == pytest.approx(1) for mixture in drawn)
    pairings = [simplex_neupl.SimplexMatchmaker(population, config).draw(rng) for _ in range(200)]
    assert {pairing.opponent for pairing in pairings} == {0, 1}
    learner = {pairing.conditions[pairing.seat] for pairing in pairings}
    assert len(learner) == 200
    opponents = {pairing.conditions[1 - pairing.seat] for pairing in pairings}
    assert opponents == {(0, 0, 0, 0), (1, 0, 0, 0)}


def test_a_policy_is_frozen_as_it_was_at_its_best():
    config = replace(MATRIX, sizes=SHORT, patience=1)
    game = config.make_game()
    layout = conditioned_layout(game.layout, 4)
    policy = config.make_policy(game, layout, seed=0)
    population = neupl.Population(config, game, policy)
    population.payoff.meet(1, 0, wins=400, draws=0, games=400)
    population.refresh(Group(), 0.5)
    best = {name: tensor.clone() for name, tensor in policy.state_dict().items()}
    assert not population.frozen
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter += 1
    population.payoff.meet(1, 0, wins=0, draws=0, games=400)
    population.refresh(Group(), 0.5)
    frozen = population.frozen[1].policy.state_dict()
    assert all(torch.equal(tensor, frozen[name]) for name, tensor in best.items())


def test_a_policy_whose_task_moved_loses_its_results():
    config = replace(MATRIX, sizes=SHORT, freeze=False)
    game = config.make_game()
    layout = conditioned_layout(game.layout, 4)
    population = neupl.Population(config, game, config.make_policy(game, layout, seed=0))
    assert population.active == [1]
    population.payoff.meet(1, 0, wins=400, draws=0, games=400)
    population.refresh(Group(), 0.5)
    # Row 1 still responds to the sink; row 2 now to row 1, and has not met anyone.
    np.testing.assert_allclose(population.graph[1:3], [[1, 0, 0, 0], [0, 1, 0, 0]], atol=1e-6)
    assert population.active[:2] == [1, 2]
    assert population.payoff.games[1, 0] > 0 and population.payoff.games[2].sum() == 0


@pytest.mark.parametrize("module", [neupl, simplex_neupl])
def test_a_population_trains_in_the_arena(tmp_path, module):
    settings = dict(preset="smoke", sizes=ARENA, characters="core4", workers=1, tensorboard=False)
    settings |= dict(frame_skip=6, evaluation_bot="idle:1", evaluation_samples=800)
    if module is simplex_neupl:
        settings["priors"] = 1
    run = module.train(module.Config(out=tmp_path, **settings))
    rows = read_rows(run / "metrics.jsonl")
    rated = [row for row in rows if row.get("evaluation/win_rate_idle:1", 0) > 0.5]
    assert len(rated) == 2 and rated[-1]["step"] == rows[-1]["step"]  # on its way, at its end
    trained = load_trained(run)
    assert len(trained.snapshots) >= 1
    # What is saved knows its mixture: it plays on plain observations.
    env = cam_arena.make_vec(2, copy=True)
    seen, _ = env.reset(seed=0)
    rng = np.random.default_rng(0)
    chosen = trained.shared.act(seen["observation"], seen["action_mask"], rng=rng)
    assert seen["action_mask"][np.arange(4), chosen].all()


def test_wrong_configs_are_named():
    with pytest.raises(ValueError, match="graph must be one of"):
        neupl.Config(graph="best")
    with pytest.raises(ValueError, match="has no sink"):
        neupl.Config(graph="self_play")
    with pytest.raises(ValueError, match="nothing but freezing"):
        neupl.Config(variant="snapshots", freeze=False)
    with pytest.raises(ValueError, match="told any mixture"):
        simplex_neupl.Config(variant="snapshots")
    with pytest.raises(ValueError, match="simplex_share"):
        simplex_neupl.Config(simplex_share=2)


def conditional(at, seed=0):
    layout = conditioned_layout(cam_arena.observation_layout(), 3)
    config = NetworkConfig((16, 16), 8, 4, 4, 8, condition_at=at)
    generator = torch.Generator().manual_seed(seed)
    return make_policy("full", layout, 400, config, generator=generator)


def seen():
    env = cam_arena.make_vec(3, copy=True)
    return torch.from_numpy(env.reset(seed=0)[0]["observation"])


@pytest.mark.parametrize("at", ["late", "early"])
def test_a_condition_changes_what_an_observation_means(at):
    network, rows = conditional(at), seen()
    logits = [
        network(torch.cat([rows, torch.eye(3)[k].expand(len(rows), 3)], 1))[0] for k in (0, 1)
    ]
    change = logits[1] - logits[0]
    assert change.abs().max() > 1e-5
    # Not the same shift everywhere: it meets the observation before the last layer.
    assert (change[0] - change[1]).abs().max() > 1e-6


def test_a_member_remembers_its_condition(tmp_path):
    network, rows = conditional("late"), seen()
    save_member(tmp_path, network, condition=[0, 1, 0])
    member = load_member(tmp_path)
    told = torch.cat([rows, torch.tensor([0.0, 1, 0]).expand(len(rows), 3)], 1)
    torch.testing.assert_close(member.logits(rows.numpy()), network(told)[0])


def test_conditions_stand_behind_the_observation_and_survive_a_snapshot():
    plain = games.arena(characters="core4").make_backend(2)
    backend = ConditionedBackend(plain, 2)
    size = backend.observation_size
    assert size == cam_arena.observation_layout().size + 2
    observations, masks = np.zeros((2, 2, size), np.float32), np.zeros((2, 2, 108), np.int8)
    for match in range(2):
        told = ((match, 0.25), (0.75, match))
        backend.announce(match, Pairing(None, conditions=told))
        backend.start(match, match, None, (None, None), observations, masks)
    expected = [[[0, 0.25], [0.75, 0]], [[1, 0.25], [0.75, 1]]]
    assert observations[..., -2:].tolist() == expected
    twin = ConditionedBackend(games.arena(characters="core4").make_backend(2), 2)
    twin.restore(backend.snapshot())
    after = []
    for one in (backend, twin):
        rewards, ends, cut = np.zeros((2, 2), np.float32), np.zeros(2, bool), np.zeros(2, bool)
        one.step(np.zeros((2, 2), np.int32), observations, masks, rewards, ends, cut)
        after.append(observations.copy())
    assert np.array_equal(*after) and after[0][..., -2:].tolist() == expected
