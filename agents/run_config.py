"""The directory of a run, and what it was asked to do: `config.json`.

Whatever alters what is learnt or seen stays as it was when the run was begun, so that the file is
true of every sample. What may change when it goes on is listed here, and each change is noted.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

import cam_arena
from cam_arena.bench import SIGNATURE
from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, refusing, write_whole
from cam_arena.game.options import Options
from cam_arena.roster import Roster

from .checkpoint import check_roster
from .failures import telling
from .lock import hold
from .provenance import provenance
from .settings import BUDGETS
from .stopping import stoppable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "FILE_NAME",
    "MAY_CHANGE",
    "find_roster",
    "new_run",
    "open_run",
    "read_config",
    "restore",
    "trained_roster",
]

FILE_NAME = "config.json"
RUNS = Path("runs")
MAY_CHANGE = BUDGETS | {"out", "roster", "tensorboard", "checkpoint_updates"}
"""All settings that may be others when a run goes on; a roster's directory, but not its id."""
_NOT_COMPARED = frozenset({"provenance", "continued"})
_NOTHING = "nothing"
_KINDS = {
    "scheme": str, "roster": str | None, "observation": str, "game": str, "frame_skip": int,
    "seed": int, "provenance": dict, "continued": list,
}  # fmt: skip
"""What is read of a run of any scheme, and its type in JSON."""

Config = TypeVar("Config", bound="DataclassInstance")


def new_run(scheme: str) -> Path:
    """Make a directory that no other run has, and return it: `runs/SCHEME-001` and so on."""
    RUNS.mkdir(parents=True, exist_ok=True)
    pattern = re.compile(re.escape(scheme) + r"-(\d+)")
    found = [int(match[1]) for path in RUNS.iterdir() if (match := pattern.fullmatch(path.name))]
    number = max(found, default=0)
    while True:
        number += 1
        path = RUNS / f"{scheme}-{number:03d}"
        try:
            path.mkdir()
        except FileExistsError:  # another run began at the same moment
            continue
        return path


@contextmanager
def open_run(
    config: "DataclassInstance", *, scheme: str, finished_by: str | None = None, **facts: Any
) -> Iterator[Path]:
    """Begin a run or go on with one, keep other processes out, and let signals stop it in order.

    Args:
        config: of the training scheme. Its `out` is the run's directory; None: a new one. Its
            `roster` is the directory of the roster; None: the bundled one.
        scheme: its name.
        finished_by: file that a finished run has; once it is there, budgets are fixed too. None:
            a run may always be given more.
        facts: further entries of `config.json`, as JSON can hold them; they are fixed.

    Yields:
        The run's directory, with its `config.json` written.

    Raises:
        RunError: if another process trains there.
        OtherRosterError: if the directory holds a run on another roster, which cannot go on.
        CheckpointError: if it holds a config that cannot be read, or one that differs in what may
            not change; names all that differs.
        TrainingError: if what is done in it cannot go on; see `failures.py`.
    """
    # every scheme's config has both
    out: Path | str | None = getattr(config, "out")  # noqa: B009
    roster: Path | str | None = getattr(config, "roster")  # noqa: B009
    run = new_run(scheme.partition(" ")[0]) if out is None else Path(out)
    begun = {
        **_as_json(config),
        "scheme": scheme,
        "roster_id": cam_arena.load_roster(roster).id,
        "signature": SIGNATURE,
        **_as_json(facts),
    }
    if (run / FILE_NAME).exists():
        _check_same(run, begun, finished_by)  # first, so that nothing is written into it if not
    with hold(run), stoppable(), telling():
        _write(run, begun, finished_by)
        yield run


def _write(run: Path, begun: dict[str, Any], finished_by: str | None) -> None:
    """Write the config of a run that begins, or note what has changed of one that goes on."""
    path = run / FILE_NAME
    if not path.exists():
        document = {**begun, "provenance": provenance(), "continued": []}
    else:
        changes = _check_same(run, begun, finished_by)
        before = _read(run)
        sitting = {**provenance(), "changed": {name: [old, new] for name, old, new in changes}}
        document = {
            **before,
            **{name: begun[name] for name in MAY_CHANGE & begun.keys()},
            "continued": [*before.get("continued", []), sitting],
        }
    write_whole(path, json.dumps(document, indent=1))


def _check_same(
    run: Path, begun: Mapping[str, Any], finished_by: str | None
) -> list[tuple[str, Any, Any]]:
    """Return what differs from the config on disk and may, as name, old and new value.

    Raises:
        CheckpointError: naming all that may not.
    """
    before = {name: value for name, value in _read(run).items() if name not in _NOT_COMPARED}
    check_roster(before, run / FILE_NAME, begun["roster_id"])
    is_finished = finished_by is not None and (run / finished_by).exists()
    free = MAY_CHANGE - BUDGETS if is_finished else MAY_CHANGE
    found = _differences(before, begun)
    wrong = [item for item in found if item[0] not in free]
    if wrong:
        told = "; ".join(f"{name} {old}, not {new}" for name, old, new in wrong)
        why = "is finished, and was" if {item[0] for item in wrong} <= BUDGETS else "was"
        raise CheckpointError(
            f"{run / FILE_NAME}: this run {why} begun with {told}; give the same again, or another "
            "--out"
        )
    return found


def _differences(
    before: Mapping[str, Any], now: Mapping[str, Any], within: str = ""
) -> list[tuple[str, Any, Any]]:
    """List the leaves in which two JSON objects differ, with dots between names."""
    found = []
    for name in dict.fromkeys((*now, *before)):
        old, new = before.get(name, _NOTHING), now.get(name, _NOTHING)
        if isinstance(old, dict) and isinstance(new, dict):
            found += _differences(old, new, f"{within}{name}.")
        elif old != new:
            found.append((within + name, old, new))
    return found


def _as_json(value: Any) -> Any:
    """Return what a JSON file would give back."""
    plain = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    return json.loads(json.dumps(plain, default=str))


def read_config(run: Path, *, roster: Path | None = None) -> dict[str, Any]:
    """Read the config of a run, and check that its roster is what it was.

    Args:
        run: directory that `cam-arena train` wrote.
        roster: directory of its roster; None: where the config says.

    Raises:
        OtherRosterError: if it was trained on another roster, or does not say on which.
        CheckpointError: if there is none, it is damaged, or its roster is not where it says.
    """
    config = _read(run)
    check_roster(config, run / FILE_NAME, trained_roster(run, config, roster).id)
    return config


def trained_roster(run: Path, config: Mapping[str, Any], roster: Path | None = None) -> Roster:
    """Return the roster of a run.

    Args:
        run: its directory.
        config: what its `config.json` holds.
        roster: directory of its roster; None: where the config says.

    Raises:
        CheckpointError: if there is no directory where the config says.
        RosterError: as `load_roster`.
    """
    return cam_arena.load_roster(_place(run, config) if roster is None else roster)


def find_roster(policy: Path) -> Path | None:
    """Return the directory of the roster that a run, or a policy in one, was trained on.

    Args:
        policy: directory of a run, of one of its policies, or of a checkpoint of one.

    Returns:
        None if that is the bundled roster, or if the policy lies in no run.

    Raises:
        CheckpointError: if the run names a directory that is not there.
    """
    folder = policy.resolve()
    for run in (folder, *folder.parents[:3]):
        if (run / FILE_NAME).exists():
            return _place(run, _read(run))
    return None


def _place(run: Path, config: Mapping[str, Any]) -> Path | None:
    """Return where the config of a run says that its roster lies; None: the bundled one."""
    said = config.get("roster")
    if said is not None and not Path(said).is_dir():
        raise CheckpointError(
            f"{run / FILE_NAME}: trained on the roster in {said}, and there is no such directory "
            "from here; give its place by --roster"
        )
    return None if said is None else Path(said)


def _read(run: Path) -> dict[str, Any]:
    path = run / FILE_NAME
    if not path.exists():
        raise CheckpointError(
            f"{run} holds no training run (no {FILE_NAME}); give the --out of cam-arena train"
        )
    config = read_json(path, CheckpointError)
    if not isinstance(config, dict):
        raise CheckpointError(f"{path}: holds a {type(config).__name__}, not an object")
    with refusing(path, "the config of a run", CheckpointError):
        for name in _KINDS.keys() & config.keys():
            value = config[name]
            if isinstance(value, bool) or not isinstance(value, _KINDS[name]):
                raise TypeError(f"{name} is {value!r}")
        env = {name: config[name] for name in ("frame_skip", "observation") if name in config}
        Options(**env)  # raises what matches would, later
    return config


def restore(run: Path, kind: type[Config], scheme: str) -> Config:
    """Return what a run was asked to do, to go on with it.

    Args:
        run: its directory, wherever it lies by now.
        kind: `Config` of its training scheme.
        scheme: the name of that scheme.

    Raises:
        CheckpointError: if there is no config, it is damaged, or of another scheme or version.
    """
    document = {**_read(run), "out": str(run)}
    if document.get("scheme") != scheme:
        raise CheckpointError(f"{run} is a run of scheme {document.get('scheme')}, not {scheme}")
    with refusing(run / FILE_NAME, "a config of this version", CheckpointError):
        return _build(kind, document)


def _build(kind: type[Config], document: Mapping[str, Any]) -> Config:
    """Make a dataclass from what JSON holds of it."""
    hints = get_type_hints(kind)
    return kind(**{one.name: _value(hints[one.name], document[one.name]) for one in fields(kind)})


def _value(hint: Any, value: Any) -> Any:
    for kind in (hint, *get_args(hint)):  # the second: `X | None`
        if isinstance(value, dict) and isinstance(kind, type) and is_dataclass(kind):
            return _build(kind, value)
        if isinstance(value, list) and get_origin(kind) is tuple:
            return tuple(value)
        if isinstance(value, str) and kind is Path:
            return Path(value)
    return value
