"""The simulation behaves the same everywhere: signature, sanitizers, rollback, mirror, threads."""

import itertools
import shutil
import subprocess
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from roster_file import write_roster

import cam_arena
from cam_arena import _core, bench
from cam_arena.game.synctest import EVENTS, describe_difference, synctest

ROOT = Path(__file__).parents[1]
SANITIZE = "-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined"
BUILDS = [
    ("gcc", "-O0"),
    ("gcc", "-O3"),
    ("gcc", "-O3 -march=native"),
    ("gcc", SANITIZE),
    ("clang", "-O0"),
    ("clang", "-O3 -march=native"),
    ("clang", SANITIZE),
]
TEAMS = [(1, 1), (2, 2), (1, 3), (5, 5)]


@pytest.fixture(scope="module")
def roster():
    return cam_arena.load_roster()


@pytest.fixture(scope="module")
def roster_file(tmp_path_factory):
    return write_roster(tmp_path_factory.mktemp("roster") / "roster.bin")


def build(compiler, flags, program, *sources, libraries=()):
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    command = [compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", *flags.split()]
    command += [ROOT / source for source in sources]
    subprocess.run([*command, "-o", program, *libraries], check=True, timeout=300)
    return program


def build_harness(compiler, flags, folder):
    return build(compiler, flags, folder / "harness", "csrc/engine.c", "tests/c/harness.c")


def run_harness(program, *arguments):
    done = subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, timeout=3000
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def all_seen(said, ticks):
    """Tell whether the fuzzer ran so long and put all 304 characters on each side."""
    return int(said.split()[0]) >= ticks and "all 304 characters on each side" in said


def test_signature_is_the_stored_one():
    assert bench.signature() == bench.SIGNATURE


def test_signatures_of_teams_and_of_what_they_see_are_the_stored_ones():
    assert bench.team_signatures() == bench.TEAM_SIGNATURES


@pytest.mark.parametrize(("compiler", "flags"), BUILDS)
def test_signature_and_fuzz_of_all_304_characters_do_not_depend_on_the_build(
    compiler, flags, tmp_path, roster_file, roster
):
    program = build_harness(compiler, flags, tmp_path)
    signature = run_harness(program, roster_file, "signature", 304, 120)
    assert signature == f"{_core.signature(roster.data, 304, 120):016x}"
    assert all_seen(run_harness(program, roster_file, "fuzz", 304, 100_000), 100_000)
    assert "rolled back by 7" in run_harness(program, roster_file, "rollback", 7, 20_000)
    for sizes in TEAMS:
        for kind in ("signature", "views"):
            signature = run_harness(program, roster_file, kind, 20, 40, *sizes)
            known = _core.signature(roster.data, 20, 40, sizes, views=kind == "views")
            assert signature == f"{known:016x}", (kind, sizes)
    for sizes in TEAMS[1:]:
        assert "rolled back by 7" in run_harness(program, roster_file, "rollback", 7, 500, *sizes)
        assert run_harness(program, roster_file, "fuzz", 304, 500, *sizes)


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_ten_million_fuzzed_ticks_are_clean_under_sanitizers(compiler, tmp_path, roster_file):
    program = build_harness(compiler, SANITIZE, tmp_path)
    assert all_seen(run_harness(program, roster_file, "fuzz", 304_000, 10_000_000), 10_000_000)


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_fuzzed_teams_of_all_sizes_are_clean_under_sanitizers(compiler, tmp_path, roster_file):
    program = build_harness(compiler, SANITIZE, tmp_path)
    for sizes in itertools.product(range(1, 6), repeat=2):
        said = run_harness(program, roster_file, "fuzz", 304_000, 20_000, *sizes)
        assert int(said.split()[0]) >= 20_000, sizes


@pytest.mark.slow
@pytest.mark.parametrize("window", [1, 7, 60])
def test_ten_million_ticks_roll_back_to_the_last_byte(window, tmp_path, roster_file):
    program = build_harness("gcc", "-O3", tmp_path)
    said = run_harness(program, roster_file, "rollback", window, 10_000_000)
    assert int(said.split()[0]) >= 10_000_000


@pytest.mark.slow
def test_a_million_ticks_are_clean_under_valgrind(tmp_path, roster_file):
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is not installed")
    program = build_harness("gcc", "-O1 -g", tmp_path)
    command = ["valgrind", "-q", "--leak-check=full", "--error-exitcode=9", program]
    arguments = [roster_file, "rollback", "7", "500000"]  # each tick twice
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=3000)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_signature_depends_on_each_of_all_304_characters(roster):
    """Its first 304 matches, of more than there are, put every character on each side."""
    assert len(roster) == 304 <= bench._MATCHES
    before = _core.signature(roster.data, len(roster), 2)
    for character in range(len(roster)):
        changed = dict(roster.arrays)
        changed["characters"] = roster.arrays["characters"].copy()
        changed["characters"]["max_hp"][character] += 1
        data = _core.Data(roster.rules.pack(), **changed)
        assert _core.signature(data, len(roster), 2) != before, roster.names[character]


def test_signature_changes_with_the_roster(roster):
    arrays = {name: array.copy() for name, array in roster.arrays.items()}
    arrays["hits"]["damage"][0] += 1
    changed = _core.Data(roster.rules.pack(), **arrays)
    assert _core.signature(changed, 64, 600) != _core.signature(roster.data, 64, 600)


@pytest.mark.parametrize("window", [1, 7, 60])
def test_rollback_gives_the_same_states_in_fights_where_things_happen(roster, window):
    report = synctest(roster, ticks=20_000, window=window, seed=window)
    assert report.desync == ""
    assert report.missing == ()
    assert report.is_sound
    assert report.comparisons >= 20_000 - window * report.matches


def begin_with_every_character(batch, count):
    """Begin `count` matches; every character sits on each side once. Returns their indices."""
    pairs = [(match, (7 * match + 1) % count) for match in range(count)]
    assert all(set(seat) == set(range(count)) for seat in zip(*pairs, strict=True))
    for match, pair in enumerate(pairs):
        batch.reset(match, 2000 + match, list(pair))


@pytest.mark.parametrize("window", [1, 7, 60])
def test_rollback_is_exact_in_whole_matches_of_all_304_characters_on_each_side(roster, window):
    """Go back `window` ticks again and again; a match has 1,800."""
    count = len(roster)
    batch = _core.Batch(roster.data, count, frame_skip=1)
    begin_with_every_character(batch, count)
    rng = np.random.default_rng(window)
    masks = np.empty((count, 2, _core.NUM_ACTIONS), np.int8)
    for _ in range(1800 // window):
        saved = [batch.snapshot(match) for match in range(count)]
        played = []
        for _ in range(window):
            batch.action_masks(masks)
            played.append(random_legal(masks, rng))
            batch.advance(played[-1])
        after = batch.hashes()
        for match, snapshot in enumerate(saved):
            batch.restore(match, snapshot)
        for actions in played:
            batch.advance(actions)
        assert np.array_equal(after, batch.hashes())
    states = [np.frombuffer(batch.state(match), _core.DTYPES["state"])[0] for match in range(count)]
    used = np.array([state["fighters"]["counts"] for state in states]).sum(axis=(0, 1))
    happened = dict(zip(EVENTS, used.tolist(), strict=True))
    assert all(happened[name] for name in ("hits", "slips", "summons", "grabs", "scrolls"))
    assert not any(batch.check(match) for match in range(count))


def test_synctest_reports_what_did_not_happen(roster):
    report = synctest(roster, ticks=3)
    assert "knock_outs" in report.missing
    assert not report.is_sound


@pytest.mark.parametrize(("name", "value"), [("ticks", 0), ("window", 0), ("window", 61)])
def test_synctest_refuses_bad_arguments(roster, name, value):
    with pytest.raises(ValueError, match=f"{name} is {value}; it must be"):
        synctest(roster, **{name: value})


def test_a_difference_is_named_field_by_field(roster):
    batch = _core.Batch(roster.data, 1)
    state = np.frombuffer(batch.state(0), _core.DTYPES["state"]).copy()
    state["fighters"]["hp"][0, 1] -= 5
    state["fighters"]["entities"]["age"][0, 0, 3] = 2
    lines = describe_difference(batch.state(0), state.tobytes()).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "state.fighters[0].entities[3].age",
        "state.fighters[1].hp",
    ]


def random_legal(masks, rng):
    return (rng.random(masks.shape, dtype=np.float32) * masks).argmax(-1).astype(np.int32)


@pytest.mark.parametrize("illegal", [False, True])
def test_a_mirrored_match_of_all_304_characters_on_each_side_stays_one_to_the_last_bit(
    roster, illegal
):
    """The mirror puts every pair into each other's seats too."""
    num_matches = len(roster)
    rng = np.random.default_rng(5)
    one, two = (_core.Batch(roster.data, num_matches) for _ in range(2))
    begin_with_every_character(one, num_matches)
    for match in range(num_matches):
        two.set_state(match, one.mirrored(match))
    masks = np.empty((num_matches, 2, _core.NUM_ACTIONS), np.int8)
    size = _core.observation_size(0)
    seen_one, seen_two = (np.empty((num_matches, 2, size), np.float32) for _ in range(2))
    for _ in range(480):
        one.action_masks(masks)
        actions = random_legal(masks if not illegal else masks + np.float32(0.3), rng)
        one.advance(actions)
        two.advance(np.ascontiguousarray(actions[:, ::-1]))
        one.observe(seen_one)
        two.observe(seen_two)
        assert np.array_equal(seen_one, seen_two[:, ::-1])
    for match in range(num_matches):
        assert one.mirrored(match) == two.state(match)
        assert one.check(match) == ""


def play(roster, num_matches, slices, executor=None, steps=300):
    """Step matches in slices; returns their hashes."""
    batch = _core.Batch(roster.data, num_matches, frame_skip=3)
    for match in range(num_matches):
        batch.reset(match, match)
    rngs = [np.random.default_rng(match) for match in range(num_matches)]
    for _ in range(steps):
        actions = np.stack([rng.integers(0, _core.NUM_ACTIONS, 2) for rng in rngs]).astype(np.int32)
        work = [(actions, start, stop) for start, stop in slices]
        if executor is None:
            for arguments in work:
                batch.advance(*arguments)
        else:
            for future in [executor.submit(batch.advance, *arguments) for arguments in work]:
                future.result()
    return batch.hashes()


@pytest.mark.slow
def test_threads_that_step_one_batch_do_not_race(tmp_path, roster_file):
    """Nothing is reported by ThreadSanitizer, and each number of threads ends alike."""
    folder, name = (sysconfig.get_config_var(key) for key in ("LIBDIR", "LDLIBRARY"))
    if not name.endswith(".so") or not (Path(folder) / name).exists():
        pytest.skip("this Python has no shared library, whose threads and locks the pool uses")
    include = sysconfig.get_path("include")
    flags = f"-O1 -g -fsanitize=thread -fno-sanitize-recover=all -I{include}"
    sources = [f"csrc/{part}.c" for part in ("engine", "batch", "pool")] + ["tests/c/threads.c"]
    libraries = [Path(folder) / name, f"-Wl,-rpath,{folder}", "-lm"]
    program = build("gcc", flags, tmp_path / "threads", *sources, libraries=libraries)
    said = {run_harness(program, roster_file, 400, threads) for threads in (1, 4)}
    assert len(said) == 1


@pytest.mark.slow
@pytest.mark.parametrize("num_threads", range(1, 9))
def test_a_million_ticks_in_random_slices_on_threads_end_alike(roster, num_threads):
    """Matches are the same alone, among few and among 1,000, however they are cut up."""
    steps, size, rng = 350, 1000, np.random.default_rng(num_threads)
    actions = np.random.default_rng(0).integers(-2, 110, (steps, size, 2)).astype(np.int32)
    hashes = {}
    with ThreadPoolExecutor(num_threads) as executor:
        for count in (1, 2, 3, 64, size):
            batch = _core.Batch(roster.data, count, frame_skip=3)
            for given in actions[:, :count]:
                cuts = sorted({0, count, *rng.integers(0, count + 1, num_threads - 1).tolist()})
                given = np.ascontiguousarray(given)
                work = [
                    executor.submit(batch.advance, given, start, stop)
                    for start, stop in itertools.pairwise(cuts)
                ]
                for future in work:
                    future.result()
            hashes[count] = batch.hashes()
    whole = _core.Batch(roster.data, size, frame_skip=3)
    for given in actions:
        whole.advance(given)
    for count, found in hashes.items():
        assert np.array_equal(found, whole.hashes()[:count])


def test_results_do_not_depend_on_batch_size_slices_or_threads(roster):
    whole = play(roster, 24, [(0, 24)])
    assert np.array_equal(whole[:3], play(roster, 3, [(0, 3)]))
    assert np.array_equal(whole, play(roster, 24, [(0, 5), (5, 6), (6, 24)]))
    with ThreadPoolExecutor(4) as executor:
        assert np.array_equal(
            whole, play(roster, 24, [(k, k + 3) for k in range(0, 24, 3)], executor)
        )


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("hp", -1, "HP is outside"),
        ("spark", 20_000, "sparks are outside"),
        ("x", 7000, "off the stage"),
        ("state", 200, "state is unknown"),
        ("character", 999, "character is not in the roster"),
        ("facing", 0, "facing is neither"),
        ("move", 30_000, "a move is not in the roster"),
        ("last_move", 30_000, "a last move is not in the roster"),
        ("protection", -4, "protection gauge"),
        ("protection", 30_000, "protection gauge"),
        ("side", 1, "teams of other sizes than"),
    ],
)
def test_an_unsound_state_is_refused_and_the_old_one_stays(roster, field, value, sentence):
    batch = _core.Batch(roster.data, 1)
    before = batch.hash(0)
    state = np.frombuffer(batch.state(0), _core.DTYPES["state"]).copy()
    state["fighters"][field][0, 0] = value
    with pytest.raises(ValueError, match=sentence):
        batch.set_state(0, state.tobytes())
    assert batch.hash(0) == before


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ("moves", "first_hit", 30_000),
        ("moves", "next", 30_000),
        ("hits", "effect", 99),
        ("ops", "code", 77),
        ("entity_types", "hit", 30_000),
        ("characters", "default_scroll", 99),
        ("characters", "weight", 0),
    ],
)
def test_an_unsound_roster_is_refused_by_the_core(roster, table, field, value):
    arrays = {name: array.copy() for name, array in roster.arrays.items()}
    arrays[table][field][0] = value
    with pytest.raises(ValueError, match="the compiled roster is unsound"):
        _core.Data(roster.rules.pack(), **arrays)
