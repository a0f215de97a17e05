"""Tournaments: seats are swapped, counts add up, the same seed gives the same table."""

import numpy as np
import pytest
import torch

import cam_arena
from cam_arena import _core
from cam_arena.agents import versus
from cam_arena.agents.evaluate import NUM_PERIODS, Entrant, Table, character_pairs, play, tournament
from cam_arena.agents.evaluate_run import Trained
from cam_arena.agents.intervals import wilson
from cam_arena.agents.networks import NetworkConfig, supports_bfloat16
from cam_arena.agents.population.members import BotMember, PolicyMember
from cam_arena.agents.sharing import make_policy
from cam_arena.game.options import Options
from cam_arena.roster.codes import Button

SHORT = Options(max_seconds=10)


class Chooser:
    """A member that prefers some buttons and counts how often it is asked."""

    def __init__(self, name, weights=None):
        self.name = name
        self.weights = np.ones(_core.NUM_BUTTONS) if weights is None else np.asarray(weights, float)
        self.calls = 0
        self.rows = 0

    def act(self, observation, action_mask, *, rng, deterministic=False):
        self.calls += 1
        self.rows += len(observation)
        assert observation.shape == (len(observation), _core.observation_size(0))
        assert np.isfinite(observation).all()
        weights = action_mask * np.tile(self.weights, _core.NUM_DIRECTIONS) + 1e-9 * action_mask
        weights = weights / weights.sum(axis=1, keepdims=True)
        if deterministic:
            return weights.argmax(axis=1).astype(np.int32)
        draws = rng.random((len(observation), 1))
        return (weights.cumsum(axis=1) < draws).sum(axis=1).clip(0, 107).astype(np.int32)


@pytest.fixture(scope="module")
def table():
    members = [Chooser("any"), BotMember("masher", 5), BotMember("idle", 1)]
    entrants = [Entrant(member.name, member, index) for index, member in enumerate(members)]
    return tournament(entrants, games=20, seed=3, options=SHORT)


def test_counts_of_a_pairing_add_up(table):
    off = ~np.eye(3, dtype=bool)
    assert (table.games == np.where(off, 20, 0)).all()
    assert (table.wins + table.wins.T + table.draws == table.games).all()
    assert (table.draws == table.draws.T).all()
    assert (table.ticks == table.ticks.T).all()
    assert (table.ticks[off] > 0).all() and (table.ticks <= 20 * SHORT.max_ticks).all()
    assert table.seat_wins.sum() == 60
    assert table.returns == pytest.approx(-table.returns.T)


def test_mean_win_rate_within_a_population_is_one_half(table):
    assert abs(table.win_rates.mean() - 0.5) < 1e-12
    assert abs(table.payoff + table.payoff.T).max() < 1e-12


def test_a_bot_that_attacks_beats_one_that_stands_still(table):
    assert table.win_rates[1, 2] == 1
    assert table.payoff[2, 1] == -1
    assert table.returns[1, 2] > 0
    assert table.interval(1, [2])[0] > 0.8


def test_uses_are_counted_for_members_within_what_was_legal(table):
    uses = table.uses.sum(axis=2)
    assert (uses[0, 1:].sum(axis=1) > 0).all()
    assert (uses[0] <= table.chances[0]).all()
    # one action a decision, so the counts are the decisions of the games
    decisions = uses[0].sum(axis=1)
    assert (np.abs(decisions[1:] - table.ticks[0, 1:] / SHORT.frame_skip) <= 20).all()


def test_moves_that_began_are_counted_in_games_for_bots_too(table):
    attack = table.begun[..., Button.ATTACK]
    assert attack[1, 2] == 20  # the masher attacks in every game, the idle bot in none
    assert not table.begun[2, :, 1:].any()
    assert (table.begun <= table.games[..., None]).all()
    pressed = table.uses.sum(axis=2)[0]
    assert (table.begun[0, 1:, 1:].astype(bool) <= (pressed[1:, 1:] > 0)).all()


def test_uses_fall_into_the_period_in_which_they_happened():
    idle = [Entrant("a", Chooser("a"), 0), Entrant("b", BotMember("idle", 1), 0)]
    table = tournament(idle, games=2, seed=0, options=Options(max_seconds=NUM_PERIODS))
    if table.ticks[0, 1] == 2 * NUM_PERIODS * 30:  # both matches went to the timer
        assert table.uses[0, 1].sum(axis=1).tolist() == [20] * NUM_PERIODS


def test_same_seed_gives_the_same_table_and_another_seed_another():
    entrants = [Entrant("a", Chooser("a"), 0), Entrant("b", Chooser("b"), 1)]

    def run(seed):
        return tournament(entrants, games=12, seed=seed, options=SHORT)

    first, again, other = run(5), run(5), run(6)
    for name in ("wins", "draws", "games", "seat_wins", "ticks", "returns", "uses", "chances"):
        assert np.array_equal(getattr(first, name), getattr(again, name)), name
    assert not np.array_equal(first.uses, other.uses)


def test_deterministic_members_that_are_equal_score_one_half_exactly():
    # The two games of a seed mirror each other, so what one seat wins the other wins back.
    weights = np.ones(_core.NUM_BUTTONS)
    entrants = [
        Entrant("a", Chooser("a", weights), 2),
        Entrant("b", Chooser("b", weights), 2),
    ]
    table = tournament(entrants, games=20, seed=1, options=SHORT, deterministic=True)
    assert table.win_rates[0, 1] == 0.5


def test_a_pairing_is_played_alike_whichever_way_it_is_written():
    entrants = [Entrant("a", BotMember("masher", 4), 0), Entrant("b", BotMember("zoner", 4), 1)]
    tables = [
        tournament(entrants, games=10, seed=2, options=SHORT, pairings=[pairing])
        for pairing in ((0, 1), (1, 0))
    ]
    assert np.array_equal(tables[0].wins, tables[1].wins)
    assert np.array_equal(tables[0].ticks, tables[1].ticks)


def test_a_specialist_meets_the_starts_that_the_shared_policy_met():
    # The same bot under another name and in another row: same characters, same seeds, same games.
    bots = [BotMember("masher", 3), BotMember("zoner", 3), BotMember("masher", 3)]
    entrants = [Entrant(f"{i}", bot, (0, 1, 0)[i]) for i, bot in enumerate(bots)]
    table = tournament(entrants, games=10, seed=4, options=SHORT, pairings=[(0, 1), (2, 1)])
    assert np.array_equal(table.wins[0, 1], table.wins[2, 1])
    assert table.ticks[0, 1] == table.ticks[2, 1]


def test_a_shared_member_is_asked_once_a_step_for_all_its_rows():
    shared = Chooser("shared")
    entrants = [Entrant(f"{i}", shared, i) for i in range(3)]
    tournament(entrants, games=4, seed=0, options=SHORT)
    assert shared.calls <= SHORT.max_ticks // SHORT.frame_skip
    assert shared.rows > 5 * shared.calls


def test_fewer_matches_than_games_work_through_the_schedule():
    entrants = [Entrant("a", BotMember("masher", 3), 0), Entrant("b", BotMember("zoner", 3), 1)]
    small, large = (
        tournament(entrants, games=10, seed=0, options=SHORT, parallel=parallel)
        for parallel in (3, 64)
    )
    assert np.array_equal(small.wins, large.wins)
    assert np.array_equal(small.ticks, large.ticks)


def test_threads_do_not_change_the_table():
    entrants = [Entrant("a", Chooser("a"), 0), Entrant("b", Chooser("b"), 1)]
    seen = []
    first, second = (
        tournament(
            entrants, games=24, seed=0, options=Options(max_seconds=3), parallel=3, threads=threads,
            progress=lambda done, total: seen.append((done, total)),
        )
        for threads in (1, 3)
    )  # fmt: skip
    for name in ("wins", "draws", "games", "seat_wins", "ticks", "returns", "uses", "chances"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    assert first.games[0, 1] == 24
    assert seen.count((24, 24)) == 2


class Network(PolicyMember):
    """A policy that notes in which precision it is asked."""

    def __init__(self):
        policy = make_policy(
            "full", cam_arena.observation_layout(), 304, NetworkConfig(hidden=(8, 8)),
            generator=torch.Generator().manual_seed(0),
        )  # fmt: skip
        super().__init__("network", policy)
        self.precisions = set()

    def logits(self, observation, rows=None):
        self.precisions.add("bfloat16" if torch.is_autocast_enabled("cpu") else "float32")
        return super().logits(observation, rows)


class Foreign(Chooser):
    """Somebody else's member, which may use torch as well."""

    def act(self, *arguments, **options):
        assert not torch.is_autocast_enabled("cpu")
        return super().act(*arguments, **options)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("precision", [None, "auto", "float32", "bfloat16"])
def test_networks_play_in_the_precision_asked_for_and_foreign_members_in_their_own(
    precision, threads
):
    network = Network()
    entrants = [Entrant("ours", network, 0), Entrant("theirs", Foreign("theirs"), 1)]
    chosen = {} if precision is None else {"precision": precision}
    tournament(entrants, games=2, seed=0, options=Options(max_seconds=2), threads=threads, **chosen)
    trained_in = "bfloat16" if supports_bfloat16() else "float32"
    assert network.precisions == {trained_in if precision in (None, "auto") else precision}


def test_progress_counts_every_game():
    seen = []
    entrants = [Entrant("a", BotMember("masher", 3), 0), Entrant("b", BotMember("idle", 3), 1)]
    tournament(
        entrants, games=8, seed=0, options=SHORT, parallel=2,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen[-1] == (8, 8)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_play_counts_pairs_from_the_first_members_view():
    counts = play(
        BotMember("masher", 5), BotMember("idle", 1), [(0, 1), (2, 0)],
        games=6, seed=0, options=SHORT,
    )  # fmt: skip
    assert counts.games.tolist() == [6, 6]
    assert counts.win_rates.tolist() == [1, 1]
    assert counts.interval()[1] == 1


@pytest.mark.parametrize(("size", "most", "each"), [(5, 25, 5), (5, 99, 5), (5, 14, 2), (5, 2, 1)])
def test_pairs_of_characters_are_few_and_fair(size, most, each):
    characters = range(10, 10 + size)
    pairs = character_pairs(characters, most, seed=0)
    assert len(set(pairs)) == len(pairs) == each * size
    for side in zip(*pairs, strict=True):
        assert sorted(side) == sorted([*characters] * each)
    if each < size:
        others = {tuple(character_pairs(characters, most, seed=seed)) for seed in range(20)}
        assert len(others) > 2


def test_select_keeps_the_counts_among_some():
    rng = np.random.default_rng(0)
    grid = rng.integers(0, 9, (4, 4))
    full = Table(
        grid, grid, grid, np.zeros(3, np.int64), grid, grid * 1.0,
        rng.integers(0, 9, (4, 4, NUM_PERIODS, 12)), rng.integers(0, 9, (4, 4, 12)),
        rng.integers(0, 9, (4, 4, 12)),
    )  # fmt: skip
    part = full.select([3, 1])
    assert part.wins.tolist() == [[grid[3, 3], grid[3, 1]], [grid[1, 3], grid[1, 1]]]
    assert np.array_equal(part.uses[0, 1], full.uses[3, 1])
    assert np.array_equal(part.begun[0, 1], full.begun[3, 1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"games": 7}, "even"),
        ({"games": 0}, "even"),
        ({"threads": 0}, "threads must be at least 1"),
        ({"parallel": 0}, "parallel and threads"),
        ({"precision": "half"}, "precision must be one of"),
        ({"pairings": [(0, 0)]}, "two different"),
        ({"pairings": [(0, 2)]}, r"0\.\.1"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    entrants = [Entrant("a", BotMember("idle", 1), 0), Entrant("b", BotMember("idle", 1), 1)]
    arguments = {"games": 2, "seed": 0, "options": SHORT} | change
    with pytest.raises(ValueError, match=message):
        tournament(entrants, **arguments)


def test_names_that_repeat_and_empty_pairs_are_refused():
    twice = [Entrant("a", BotMember("idle", 1), 0)] * 2
    with pytest.raises(ValueError, match="different names"):
        tournament(twice, games=2, seed=0)
    with pytest.raises(ValueError, match="at least one pair"):
        play(BotMember("idle", 1), BotMember("idle", 1), [], games=2, seed=0)


class Recorder(Chooser):
    """A chooser that keeps what it saw."""

    def __init__(self):
        super().__init__("recorder")
        self.seen = []

    def act(self, observation, action_mask, *, rng, deterministic=False):
        self.seen.append(observation.copy())
        return super().act(observation, action_mask, rng=rng, deterministic=deterministic)


def seen_by_a_member(**options):
    member = Recorder()
    entrants = [Entrant("a", member, 0), Entrant("b", BotMember("masher", 5), 1)]
    chosen = Options(max_seconds=5, **options)
    tournament(entrants, games=2, seed=0, options=chosen, deterministic=True)
    return np.stack(member.seen[:20])


def test_latency_and_information_are_those_of_the_options():
    plain = seen_by_a_member()
    late = seen_by_a_member(latency={"obs_delay": 6})
    public = seen_by_a_member(information="public")
    assert not np.array_equal(plain, late)
    column = cam_arena.observation_layout()["opponent_spark"].slice
    assert plain[..., column].any() and not public[..., column].any()


def test_a_match_that_is_cut_off_is_a_drawn_game():
    entrants = [Entrant("a", BotMember("idle", 1), 0), Entrant("b", BotMember("idle", 1), 1)]
    table = tournament(entrants, games=4, seed=0, options=Options(max_cycles=5))
    assert table.games[0, 1] == table.draws[0, 1] == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"observation": "text"}, "vectors, not observation 'text'"),
        ({"observation": "pixels"}, "vectors, not observation 'pixels'"),
        ({"frame_stack": 2}, "frame_stack=1"),
        ({"action_space": "own"}, "discrete"),
    ],
)
def test_matches_that_members_cannot_play_are_refused(options, message):
    entrants = [Entrant("a", BotMember("idle", 1), 0), Entrant("b", BotMember("idle", 1), 1)]
    with pytest.raises(ValueError, match=message):
        tournament(entrants, games=2, seed=0, options=Options(**options))


def test_every_seed_is_played_from_both_seats():
    entrants = [Entrant("a", BotMember("masher", 5), 0), Entrant("b", BotMember("idle", 5), 0)]
    table = tournament(entrants, games=8, seed=0, options=Options(max_seconds=30))
    # The one that moves wins, half of the games from each seat.
    assert table.wins[0, 1] == 8 and table.seat_wins.tolist() == [4, 4, 0]


@pytest.mark.parametrize(("own", "other", "rate"), [("masher", "idle", 1.0), ("idle", "masher", 0)])
def test_a_run_against_opponents_is_counted_from_its_own_side(own, other, rate):
    roster = cam_arena.load_roster()
    trained = Trained(
        {}, roster, roster.split("core4")[:2], BotMember(own, 4), {}, (), lambda *_: None
    )
    rows = versus.meet(trained, [f"{other}:4", f"{own}:4"], games=4, seed=0)
    assert [row.opponent for row in rows] == [f"{other}:4", f"{own}:4"]
    assert rows[0].win_rate == rate
    assert rows[0].games == 16  # 2 x 2 pairs of characters
    assert rows[0].interval == wilson(16 * rate, 16)
    assert rows[1].win_rate == 0.5 if own == "idle" else 0 < rows[1].win_rate < 1
    text = versus.format_table(rows).splitlines()
    assert text[1].split()[:3] == [f"{other}:4", f"{100 * rate:.1f}", "%"]


def test_opponents_that_look_ahead_play_few_games_a_pair():
    roster = cam_arena.load_roster()
    trained = Trained(
        {}, roster, roster.split("core4")[:1], BotMember("masher", 1), {}, (), lambda *_: None
    )
    rows = versus.meet(trained, ["idle:1", "planner:6"], games=10, seed=0)
    assert [row.games for row in rows] == [10, 4]
    assert rows[1].win_rate < 0.5 < rows[0].win_rate


def test_a_member_may_be_any_level_that_its_bot_has():
    assert BotMember("planner", 8).name == "planner:8"
    with pytest.raises(ValueError, match=r"level of masher must be 1\.\.5, got 6"):
        BotMember("masher", 6)
