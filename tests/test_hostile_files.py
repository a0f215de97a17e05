"""Files that are damaged or hostile: one error of ours that names the file, soon, and no code runs.

Each kind of file is changed at random many times: bits flipped, cut off, filled with other bytes,
and, where it is JSON or .npz, one value replaced by a hostile one.
"""

import io
import json
import os
import shutil
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from cam_arena.agents import (
    checkpoint,
    clusters,
    evaluation,
    neupl,
    psro,
    run_config,
    runlog,
    specialist,
    versus,
)
from cam_arena.agents.evaluate import NUM_PERIODS, Table
from cam_arena.agents.population.matchmaking import Pool
from cam_arena.agents.population.members import UniformMember
from cam_arena.agents.population.payoff import Payoff
from cam_arena.agents.report.training import read_curves, read_training
from cam_arena.agents.reproduction import experiments, generations, long_tournament, results
from cam_arena.agents.workers import Group
from cam_arena.balance.matrix import COMBO_BINS, LENGTH_BINS, TOTALS, Matrix
from cam_arena.balance.schedule import Plan
from cam_arena.errors import ArenaError, CheckpointError
from cam_arena.files import read_json, refusing
from cam_arena.game.rules import Rules
from cam_arena.roster import load as load_module
from cam_arena.roster import load_roster, store
from cam_arena.roster.load import BUNDLED, compile_sources

HOSTILE = (
    None, True, -1, 0, 2**63, 10**400, 1.5, -1e308, float("nan"), float("inf"), "", "x", "../x",
    "\ud800", [], {}, [[]], [None], {"a": 1}, "é" * 3000,
)  # fmt: skip
DEEP = b"[" * 100_000
PLAN = long_tournament.Tournament(
    (long_tournament.Seat("a", "masher:4", 0), long_tournament.Seat("b", "zoner:3", 1)), 2, 3
)


def table(size=2):
    square = np.zeros((size, size), np.int64)
    games = 2 - 2 * np.eye(size, dtype=np.int64)
    uses = np.zeros((size, size, NUM_PERIODS, 12), np.int64)
    return Table(
        games // 2, square, games, np.array([1, 1, 0]), 500 * games, square * 1.0, uses,
        uses.sum(2), uses.sum(2),
    )  # fmt: skip


def write_json(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def payoff(folder):
    found = Payoff(3, 3)
    found.meet(0, 2, wins=3, draws=1, games=9)
    found.save(folder / "payoff.json")
    return folder / "payoff.json", lambda: Payoff.load(folder / "payoff.json").rates().tolist()


def config(folder):
    path = write_json(
        folder / "config.json",
        {"seed": 1, "roster_id": load_roster().id, "provenance": {"command": "x"}},
    )
    return path, lambda: (run_config.read_config(folder), read_training(folder))


def evaluated(folder):
    facts = {"command": "x", "seconds": "1"}
    found = evaluation.Evaluation("s", "p", ("Ash", "Brook"), table(4), 0, 2, "id", facts)
    return evaluation.save(found, folder), lambda: repr(evaluation.load(folder))


def metrics(folder):
    path = folder / "metrics.jsonl"
    rows = [{"name": "a", "step": k, "rollout/return": k / 7, "time/seconds": k} for k in range(9)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path, lambda: (runlog.read_spent(folder), read_curves(path))


def outcome(folder):
    facts = dict.fromkeys(specialist.FACTS, 0.5) | {"kept": "start", "samples": 3, "seconds": 1.0}
    path = write_json(folder / "outcome.json", facts)
    return path, lambda: specialist.read_outcome(folder)


def summary(folder):
    cost = {"policies": 2, "shipped": 1, "samples": 9, "seconds": 2.0}
    path = write_json(folder / "summary.json", {"cost": cost, "seconds": 2.0, "specialists": {}})
    evaluated(folder)
    return path, lambda: (clusters.cost_and_gain([folder]), read_training(folder))


def met_generations(folder):
    counts = {name: np.zeros((2, 2, 3), int).tolist() for name in ("wins", "draws", "games")}
    square = {name: np.zeros((2, 2), int).tolist() for name in counts}
    document = {"names": ["0", "1"], "by_character": counts, **square}
    path = write_json(folder / "generations.json", document)
    return path, lambda: (generations.load(folder).names, read_training(folder))


def opponents(folder):
    row = {"opponent": "zoner:3", "win_rate": 0.5, "interval": [0.4, 0.6], "games": 4}
    path = write_json(folder / versus.FILE_NAME, {"opponents": [row, {**row, "games": 9}]})
    return path, lambda: versus.load(folder)


def plan(folder):
    document = {
        "preset": "cpu", "minutes": 3, "roster": "r", "commands": ["x"],
        "sizes": {"characters": "core8", "large": ["core16"]},
    }  # fmt: skip
    path = write_json(folder / results.PLAN_NAME, document)
    return path, lambda: results.read_plan(folder)


def films(folder):
    path = write_json(folder / "films.json", [{"file": "1_ash.mp4", "caption": "Ash"}])
    return path, lambda: experiments.read_films(folder)


def part(folder):
    path, found = folder / "part_000.npz", table()
    names = [name for name in vars(found)]
    np.savez_compressed(path, seconds=1.5, **{name: getattr(found, name) for name in names})
    return path, lambda: repr(long_tournament._read(PLAN, folder, 0))


def matrix(folder):
    path, size = folder / "matrix.npz", 3
    Matrix(
        ("a", "b", "c"), np.zeros((3, size, size), np.int32), np.zeros((size, size), np.int32),
        np.zeros((size, 1, len(TOTALS)), np.int64), np.zeros(LENGTH_BINS, np.int64),
        np.zeros(COMBO_BINS, np.int64), Plan(size, 4, ("walker",), (3,)), None, {"roster_id": "r"},
    ).save(path)  # fmt: skip
    return path, lambda: repr(vars(Matrix.load(path)))


def roster(folder):
    """One school, whose sources are read; the file that is changed is drawn anew each time."""
    (folder / "schools").mkdir(exist_ok=True)
    for name in ("scrolls.toml", "companions.toml", "schools/emberstep.toml"):
        shutil.copy(BUNDLED / name, folder / name)
    (folder / "splits.toml").write_text('duo = ["Vesh Cindral", "Marrow Tamsin"]\n')
    (folder / "tuning.toml").write_text('["Vesh Cindral"]\nattack = 990\n')

    def load():
        load_module._compiled.cache_clear()
        return load_module._load.__wrapped__(folder, Rules()).id

    return folder, load


def compiled(folder):
    _, load = roster(folder)
    (folder / "splits.toml").unlink()
    store.write(compile_sources(folder), folder)
    return folder / store.FILE, load


JSON_KINDS = [
    payoff, config, evaluated, metrics, outcome, summary, met_generations, opponents, plan, films,
]  # fmt: skip
NPZ_KINDS = [part, matrix]
KINDS = [*JSON_KINDS, *NPZ_KINDS, compiled]


def bytes_changed(rng, content):
    """Return a file's content with some damage."""
    damaged = bytearray(content)
    match rng.integers(6):
        case 0:
            for _ in range(rng.integers(1, 5)):
                damaged[rng.integers(len(damaged))] ^= 1 << rng.integers(8)
        case 1:
            del damaged[rng.integers(len(damaged)) :]
        case 2:
            start, size = rng.integers(len(damaged)), rng.integers(1, 40)
            damaged[start : start + size] = rng.bytes(size)
        case 3:
            start, size = rng.integers(len(damaged)), rng.integers(1, 40)
            del damaged[start : start + size]
        case 4:
            start = rng.integers(len(damaged))
            damaged[start:start] = rng.bytes(rng.integers(1, 9))
        case _:
            start, stop = np.sort(rng.integers(len(damaged), size=2))
            damaged += damaged[start:stop]
    return bytes(damaged)


def value_changed(rng, document):
    """Return JSON with one value replaced or taken away, somewhere in it."""
    hostile = HOSTILE[rng.integers(len(HOSTILE))]
    document = json.loads(json.dumps(document))
    where = document
    while isinstance(where, dict | list) and where:
        keys = list(where) if isinstance(where, dict) else range(len(where))
        key = keys[int(rng.integers(len(keys)))]
        if rng.random() < 0.4 or not isinstance(where[key], dict | list) or not where[key]:
            if rng.random() < 0.2:
                del where[key]
            else:
                where[key] = hostile
            return document
        where = where[key]
    return hostile


def npz_changed(rng, path):
    """Return a .npz file with one array that is hostile, or none at all."""
    with np.load(path) as stored:
        arrays = dict(stored)
    name = list(arrays)[int(rng.integers(len(arrays)))]
    choices = [
        np.array([{}], object), np.full(3, np.nan), np.zeros((0, 9)), np.array("{}"),
        np.array("[" * 5000), -np.ones_like(arrays[name], np.int64), arrays[name].astype("U8"),
        np.zeros(arrays[name].shape, "i4,f4"), np.full(arrays[name].shape, np.inf),
        np.array("NaN"),
    ]  # fmt: skip
    arrays[name] = choices[int(rng.integers(len(choices)))]
    file = io.BytesIO()
    np.savez(file, **arrays)
    content = bytearray(file.getvalue())
    if rng.random() < 0.2:  # a method of packing that is not there, or a password
        at = content.find(b"PK\x01\x02")
        content[at + int(rng.choice([8, 10]))] = int(rng.integers(1, 100))
    return bytes(content)


def outcome_of(load, name, seconds=1.0):
    """Return what loading gave, or None if an error of ours named the file in time."""
    begun = time.process_time()
    try:
        with np.errstate(all="ignore"):
            found = load()
    except ArenaError as error:
        assert name in str(error), str(error)
        assert "\n" not in str(error)
        found = None
    assert time.process_time() - begun < seconds
    return found


def change(make, rng, path, content):
    if make in JSON_KINDS and rng.random() < 0.6:
        if path.suffix == ".jsonl":
            lines = content.splitlines()
            at = int(rng.integers(len(lines)))
            lines[at] = json.dumps(value_changed(rng, json.loads(lines[at]))).encode()
            return b"\n".join(lines) + b"\n"
        return json.dumps(value_changed(rng, json.loads(content))).encode()
    if make in NPZ_KINDS and rng.random() < 0.4:
        path.write_bytes(content)
        return npz_changed(rng, path)
    return bytes_changed(rng, content)


def attack(make, folder, count):
    path, load = make(folder)
    content, rng = path.read_bytes(), np.random.default_rng(0)
    whole, refused = load(), 0
    for _ in range(count):
        path.write_bytes(change(make, rng, path, content))
        found = outcome_of(load, path.name)
        refused += found is None
        if make is compiled:
            assert found == whole  # compiled anew from its sources
        if make in NPZ_KINDS and found is not None:
            assert "nan" not in found and "inf" not in found
    path.write_bytes(DEEP if path.suffix != ".jsonl" else DEEP + b"\n")
    if make is not compiled:
        assert refused > count / 4
        assert outcome_of(load, path.name) is None
        path.unlink()
        os.mkfifo(path)
        assert outcome_of(load, path.name) is None
        path.unlink()
        path.mkdir()
        assert outcome_of(load, path.name) is None


@pytest.mark.fault
@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_a_damaged_file_is_refused_by_name(make, tmp_path):
    attack(make, tmp_path, 4 if make is compiled else 60)


@pytest.mark.slow
@pytest.mark.fault
@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_thousands_of_damaged_files_are_refused_by_name(make, tmp_path):
    attack(make, tmp_path, 500 if make is compiled else 5000)


def attack_roster(folder, count):
    _, load = roster(folder)
    sources = {path: path.read_bytes() for path in folder.rglob("*.toml")}
    rng, paths = np.random.default_rng(0), sorted(sources)
    for _ in range(count):
        path = paths[int(rng.integers(len(paths)))]
        path.write_bytes(bytes_changed(rng, sources[path]))
        outcome_of(load, ".toml", seconds=2.0)
        path.write_bytes(sources[path])
    for path in paths:
        for content in (b"a = " + DEEP, b"a = " + b"9" * 5000, b"a." * 900 + b"b = 1", b"\xff"):
            path.write_bytes(content)
            assert outcome_of(load, path.name) is None
        path.unlink()
        os.mkfifo(path)
        assert outcome_of(load, path.name) is None
        path.unlink()
        path.write_bytes(sources[path])
    (folder / "splits.toml").write_text("a = [nan]\n")
    assert outcome_of(load, "splits.toml") is None


@pytest.mark.fault
def test_a_damaged_roster_file_is_refused_by_name(tmp_path):
    attack_roster(tmp_path, 10)


@pytest.mark.slow
@pytest.mark.fault
def test_thousands_of_damaged_roster_files_are_refused_by_name(tmp_path):
    attack_roster(tmp_path, 5000)


def pool_of(found):
    pool = Pool(solver="nash", self_share=0.2)
    members = [UniformMember() for _ in range(3)]
    with refusing(found.path, "a checkpoint of self-play", CheckpointError):
        pool.restore(found.state, members)
    drawn = [pool.draw(np.random.default_rng(k)).opponent for k in range(20)]
    assert all(one is None or 0 <= one < 3 for one in drawn)
    pool.synchronise(lambda counts: counts)
    pool.add(UniformMember())
    return drawn


def pool_state(_):
    pool = Pool(solver="nash")
    for _ in range(3):
        pool.add(UniformMember())
    pool.rank(2, np.array([[3, 1, 0], [0, 1, 0], [4, 4, 0]]))
    return pool.state()


def psro_of(found):
    payoff, history = psro._restored(found)
    assert psro._is_solved(psro.Config(epsilon=0.0), history) in (True, False)
    return payoff.matrix().tolist()


def psro_state(_):
    table = Payoff(3, 3)
    table.meet(0, 2, wins=3, draws=1, games=9)
    measures = {"population/members": 2.0, "population/best_response": 0.5}
    return {"payoff": table.state(), "history": [measures, measures]}


MATRIX_GAME = neupl.Config(game="rps", preset="matrix", members=2, variant="snapshots")


def matrix_population():
    game = MATRIX_GAME.make_game()
    return neupl.Population(MATRIX_GAME, game, MATRIX_GAME.make_policy(game, seed=0))


def neupl_of(found):
    population = matrix_population()
    with refusing(found.path, "a checkpoint of neupl", CheckpointError):
        population.restore(found.state, found.path)
    population._measures()
    population._solve()
    return population.equilibrium().tolist()


def neupl_state(folder):
    population = matrix_population()
    population.refresh(Group(), 0.6)
    assert population.frozen
    return population.state(folder)


@pytest.mark.fault
@pytest.mark.parametrize(
    ("make", "restore", "other"),  # the last fits itself, but not what else is kept
    [
        (pool_state, pool_of, {"active": [0, 3], "weights": [0.5, 0.5]}),
        (psro_state, psro_of, {"history": [{"population/best_response": 0.5}]}),
        (neupl_state, neupl_of, {"graph": [[0, 0], [1, 0]]}),
    ],
    ids=["pool", "psro", "neupl"],
)
def test_a_state_that_another_wrote_is_refused_or_works(make, restore, other, tmp_path):
    """Sums do not help against who renews them: what a scheme keeps is looked at too."""
    state, rng = make(tmp_path), np.random.default_rng(0)
    refused = 0
    for changed in [state, *(value_changed(rng, state) for _ in range(40))]:
        found = checkpoint.Checkpoint(tmp_path, 1, {}, changed, {}, "")
        is_refused = outcome_of(lambda found=found: restore(found), tmp_path.name) is None
        assert changed is not state or not is_refused
        refused += is_refused
    assert refused > 15
    found = checkpoint.Checkpoint(tmp_path, 1, {}, {**state, **other}, {}, "")
    assert outcome_of(lambda: restore(found), tmp_path.name) is None


def forge(path, change, *, keep_sum=False):
    """Change the blocks of a compiled roster and pack it, with its old sum or the right one."""
    content = path.read_bytes()
    key = store.key(path.parent)
    blocks = store._unpack(content, key)
    digest = store._digest(blocks)
    change(blocks)
    digest = digest if keep_sum else store._digest(blocks)
    packed = {name: store.zlib.compress(block) for name, block in blocks.items()}
    sizes = [[name, len(blocks[name]), len(packed[name])] for name in blocks]
    head = {"key": key, "sha256": digest, "blocks": sizes}
    text = json.dumps(head).encode()
    path.write_bytes(
        store._MAGIC + len(text).to_bytes(4, "little") + text + b"".join(packed.values())
    )


def test_other_numbers_under_the_same_sources_are_not_used(tmp_path):
    path, load = compiled(tmp_path)
    whole = load()

    def stronger(blocks):
        hits = np.frombuffer(blocks["hits"], store._DTYPES["hits"]).copy()
        hits["damage"] *= 10
        blocks["hits"] = hits.tobytes()

    forge(path, stronger, keep_sum=True)
    assert store.read(tmp_path) is None
    assert load() == whole


@pytest.mark.parametrize(
    "about", [{}, [], {"characters": {}}, {"splits": {"a": [1]}}, None], ids=repr
)
def test_a_compiled_roster_that_does_not_fit_itself_is_not_used(tmp_path, about):
    path, load = compiled(tmp_path)
    whole = load()
    forge(path, lambda blocks: blocks.update(about=json.dumps(about).encode()))
    assert store.read(tmp_path) is None
    assert load() == whole


TENSORS = {"weights": {"a": torch.arange(600.0)}, "optimizer": {"b": torch.arange(50.0)}}


def attack_checkpoint(folder, count):
    path = checkpoint.save(folder, 7, tensors=TENSORS, state={"x": [1, 2]})
    whole = {file: file.read_bytes() for file in sorted(path.iterdir())}
    rng, files = np.random.default_rng(0), sorted(whole)
    manifest = json.loads((path / "manifest.json").read_text())

    def attacked(file, content, name=None):
        file.write_bytes(content)
        tracemalloc.start()
        try:
            found = checkpoint.load(path)
        except CheckpointError as error:
            assert path.name in str(error)
            if name is not None:
                assert name in str(error)
            found = None
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < sum(map(len, whole.values())) + (1 << 20)
        if found is not None:  # only what is told, never what is used, may differ
            assert file.name == "manifest.json" or content == whole[file]
            assert found.state == {"x": [1, 2]} and found.step == 7
            for group, named in TENSORS.items():
                for key, tensor in named.items():
                    assert torch.equal(found.tensors[group][key], tensor)
        file.write_bytes(whole[file])

    for file in files:
        for size in range(0, len(whole[file]), 64):
            attacked(file, whole[file][:size], file.name)
    for _ in range(count):
        file = files[int(rng.integers(len(files)))]
        if file.name == "manifest.json" and rng.random() < 0.5:
            attacked(file, json.dumps(value_changed(rng, manifest)).encode())
        else:
            attacked(file, bytes_changed(rng, whole[file]))

    def listed(name, content):
        """Write a file and let the manifest vouch for it."""
        entry = {"sha256": checkpoint._digest(content), "size": len(content)}
        changed = {**manifest, "files": {**manifest["files"], name: entry}}
        (path / "manifest.json").write_text(json.dumps(changed))
        return path / name, content

    weights = path / "weights.safetensors"
    for content in (
        b"\x80\x04\x95\x00.",  # a pickle
        (1 << 40).to_bytes(8, "little") + b"{}",  # a header of a terabyte
        (1 << 20).to_bytes(8, "little") + b" " * 100,
        b"",
    ):
        attacked(*listed("weights.safetensors", content), "weights")
        (path / "manifest.json").write_bytes(whole[path / "manifest.json"])
    swapped = whole[path / "optimizer.safetensors"]
    attacked(weights, swapped, "weights")
    for name in ("../x.json", "/etc/passwd.json", "weights.pkl"):
        changed = {**manifest, "files": {**manifest["files"], name: {"sha256": "", "size": 0}}}
        attacked(path / "manifest.json", json.dumps(changed).encode(), "manifest.json")
    attacked(
        path / "manifest.json", json.dumps({**manifest, "format": 99}).encode(), "format is 99"
    )


@pytest.mark.fault
def test_a_damaged_checkpoint_is_refused_by_name(tmp_path):
    attack_checkpoint(tmp_path, 150)


@pytest.mark.slow
@pytest.mark.fault
def test_thousands_of_damaged_checkpoints_are_refused_by_name(tmp_path):
    attack_checkpoint(tmp_path, 5000)


def test_a_checkpoint_that_was_renamed_is_refused(tmp_path):
    checkpoint.save(tmp_path, 1, tensors=TENSORS, state={})
    path = checkpoint.save(tmp_path, 2, tensors=TENSORS, state={})
    path.rename(tmp_path / "step_000000009")
    assert checkpoint.latest(tmp_path).step == 1
    with pytest.raises(CheckpointError, match="this is step 2; the directory was renamed"):
        checkpoint.load(tmp_path / "step_000000009")


@pytest.mark.parametrize(
    "text", ["[NaN]", "[Infinity]", "[1e999]", "[1" + "0" * 5000 + "]", "[" * 10**5, "\udc80"]
)
def test_json_must_be_strict(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(CheckpointError, match=r"x\.json: not JSON"):
        read_json(path, CheckpointError)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -1.0, 9.0], ids=["nan", "inf", "negative", "too many"]
)
def test_impossible_counts_of_games_are_refused(tmp_path, value):
    path = tmp_path / "payoff.json"
    square = [[0.0, 0.0], [0.0, 0.0]]
    state = {"wins": [[0, value], [1, 0]], "draws": square, "games": [[0, 4], [4, 0]]}
    path.write_text(json.dumps(state))
    with pytest.raises(CheckpointError, match=r"payoff\.json"):
        Payoff.load(path)
    with pytest.raises(ValueError, match=r"finite|negative"):
        Payoff.from_state(state)


@pytest.mark.parametrize("file", ["../secret.mp4", "/etc/passwd", "link.mp4"])
def test_a_list_of_films_embeds_no_other_file(tmp_path, file):
    from cam_arena.agents.report import paper

    plan(tmp_path)
    folder = results.run_folder(tmp_path, "core8", 0) / experiments.FILMS
    folder.mkdir(parents=True)
    secret = folder.parent / "secret.mp4"
    secret.write_bytes(b"secret")
    (folder / "link.mp4").symlink_to(secret)
    write_json(folder / "films.json", [{"file": file, "caption": "x"}])
    if file == "link.mp4":
        assert "base64" not in paper._films_section(tmp_path)
        return
    with pytest.raises(CheckpointError, match=r"films\.json.*not the name of a film"):
        paper._films_section(tmp_path)


def test_a_bomb_of_zeros_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "part_000.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("wins.npy", "w") as file:
            for _ in range(8):
                file.write(bytes(1 << 20))
    begun = time.process_time()
    with pytest.raises(CheckpointError, match="part_000"):
        long_tournament._read(PLAN, Path(tmp_path), 0)
    assert time.process_time() - begun < 2
