"""Characters that a run never met: counts against bots, and specialists for them."""

import json
from dataclasses import replace

import pytest

import cam_arena
from cam_arena.agents import held_out, selfplay
from cam_arena.agents.evaluate_run import load_trained
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.networks import NetworkConfig
from cam_arena.cli import main
from cam_arena.errors import CheckpointError

ROSTER = cam_arena.load_roster()
STRANGER = next(n for n in ROSTER.split("heldout48") if n not in ROSTER.split("core8"))
SMALL = selfplay.Config(
    minutes=None,
    steps=256,
    characters="core4",
    observation="descriptor",
    network=NetworkConfig((16, 16), 8, 4, 4),
    learner=LearnerConfig(minibatch=128, precision="float32"),
    workers=1,
    matches=8,
    rollout=16,
    snapshots=0,
    frame_skip=6,
    tensorboard=False,
)


@pytest.fixture(scope="module")
def trained_run(tmp_path_factory):
    return selfplay.train(replace(SMALL, out=tmp_path_factory.mktemp("held_out")))


def test_seen_and_unseen_characters_are_counted_apart(trained_run):
    trained = load_trained(trained_run)
    seen = selfplay.character_indices(ROSTER, "core4")
    unseen = [ROSTER[STRANGER].index, 1]
    row = held_out.measure(trained, "random:1", seen, unseen, 4, 0)
    assert row["seen"]["games"] == 4 * 2 * 4 and row["unseen"]["games"] == 2 * 2 * 4
    for name in ("seen", "unseen", "difference"):
        low, high = row[name]["interval"]
        assert low <= row[name]["win_rate"] <= high
    assert row["difference"]["win_rate"] == pytest.approx(
        row["unseen"]["win_rate"] - row["seen"]["win_rate"]
    )
    rates = row["by_character"]
    assert list(rates) == [ROSTER.names[index] for index in unseen]
    assert sum(rates.values()) / 2 == pytest.approx(row["unseen"]["win_rate"])
    # Against a bot that never moves even a policy that is hardly trained does better.
    idle = held_out.measure(trained, "idle:1", seen, unseen, 4, 0)
    assert idle["unseen"]["win_rate"] > 0.5


def test_a_specialist_learns_a_new_character_and_goes_on_where_it_stopped(trained_run, capsys):
    options = ["--characters", STRANGER, "--games", "2", "--adapt", "1", "--adapt-steps", "512"]
    patched = replace(held_out.Config(run=trained_run), matches=8, evaluations=2)
    patched = replace(patched, evaluation_games=2, bots=("zoner:3",))

    def small(**chosen):
        return replace(patched, **chosen)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held_out, "Config", small)
        assert main(["held-out", str(trained_run), *options]) == 0
        out = capsys.readouterr().out
        document = json.loads((trained_run / held_out.FILE_NAME).read_text())
        (found,) = document["adaptation"]
        assert found["character"] == STRANGER and STRANGER in out and "zoner:3" in out
        assert [point["samples"] for point in found["curve"]] == sorted(
            point["samples"] for point in found["curve"]
        )
        assert len(found["curve"]) == 3 and found["curve"][-1]["samples"] >= 512
        assert document["roster_id"] == ROSTER.id and document["config"]["seed"] == 0
        # Nothing is trained twice, and nothing under other options.
        patch.setattr(held_out.specialist, "train", None)
        assert main(["held-out", str(trained_run), *options]) == 0
        assert json.loads((trained_run / held_out.FILE_NAME).read_text())["adaptation"] == [found]
        assert main(["held-out", str(trained_run), *options, "--seed", "1"]) == 1
        assert "begun with seed 0, not 1" in capsys.readouterr().err


def test_what_cannot_be_measured_is_refused(trained_run, tmp_path):
    with pytest.raises(ValueError, match="trained on 1 of"):
        held_out.run(held_out.Config(run=trained_run, characters=ROSTER.split("core4")[0]))
    by_id = selfplay.train(replace(SMALL, out=tmp_path, observation="full"))
    with pytest.raises(ValueError, match="tells characters by ids"):
        held_out.run(held_out.Config(run=by_id))
    with pytest.raises(CheckpointError, match="no training run"):
        held_out.run(held_out.Config(run=tmp_path / "nowhere"))
    for change in ({"games": 3}, {"adapt": -1}, {"bots": ("boxer:1",)}):
        with pytest.raises(ValueError, match=r"must be|at least|no bot"):
            held_out.Config(run=tmp_path, **change)
