"""Frozen rosters: compiled characters kept as they were, so that old results can be run again.

`load_roster("legacy")` returns the sixteen characters of the first release with the numbers, rules
and id they had then, whatever becomes of the files they were written in. Each is a `.npz` here: the
arrays with the layout they were compiled to, and a JSON head. Fields that structs have gained since
take the value that changes nothing. What is frozen is data; how a match is computed is the
package's, and `cam-arena bench --signature` says when that changes.
"""

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...errors import RosterError
from ...game.rules import Rules
from ..compiled import Compiled
from ..model import Roster
from ..profiles import profiles

__all__ = ["NAMES", "freeze", "load_frozen"]

_DIRECTORY = Path(__file__).parent

NAMES: Final = tuple(sorted(file.stem for file in _DIRECTORY.glob("*.npz")))
"""What `load_roster` takes in place of a directory."""

_RECORDS: Final = {
    "characters": "character",
    "moves": "move",
    "hits": "hit",
    "ops": "op",
    "entity_types": "entity_type",
}
_NEUTRAL: Final = {
    ("moves", "charges"): 1,
    ("characters", "form_moves"): -1,
    ("characters", "slip_entity"): -1,
    ("characters", "slip_reply"): -1,
}
"""Values that change nothing, of fields for which 0 would."""
_NEUTRAL_RULES: Final = {
    "opening_ticks": 0, "draw_margin": 0, "combo_gap_ticks": 0, "protection_fall": 1400,
    "rage_power": 0,
}  # fmt: skip
"""Rules that came later, as they were before them; a stored value goes first."""


def freeze(compiled: Compiled, rules: Rules, roster_id: str, file: Path) -> None:
    """Write a compiled roster to a file that stays readable when the structs grow.

    Args:
        compiled: arrays and columns.
        rules: of its matches.
        roster_id: 16 hex digits, which it keeps.
        file: `.npz`, in this directory if `load_roster` is to know it by name.
    """
    head = {"id": roster_id, "rules": asdict(rules), "about": compiled.about}
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    arrays: dict[str, Any] = {"head": np.frombuffer(text, np.uint8), **compiled.arrays}
    del arrays["profiles"]  # made anew of the others, with the columns of the day
    np.savez_compressed(file, **arrays)


def load_frozen(name: str, rules: Rules | None = None) -> Roster:
    """Return a frozen roster.

    Args:
        name: one of NAMES.
        rules: numbers of the game; those it was frozen with if None. Others change the id.

    Raises:
        RosterError: if its data does not fit this version any more.
    """
    return _load(_DIRECTORY / f"{name}.npz", rules)


@functools.lru_cache(maxsize=4)
def _load(file: Path, rules: Rules | None) -> Roster:
    with np.load(file) as stored:
        head = json.loads(stored["head"].tobytes())
        arrays = {key: _as_now(key, stored[key], file) for key in stored.files if key != "head"}
    arrays["profiles"] = profiles(Compiled(arrays, head["about"]).characters, arrays)
    stored_rules = {key: _tuples(value) for key, value in head["rules"].items()}
    own = Rules(**_NEUTRAL_RULES | stored_rules)
    compiled = Compiled(arrays, head["about"])
    rules = rules or own
    roster_id = head["id"]
    if rules != own:
        changed = hashlib.sha256(roster_id.encode() + rules.pack().tobytes())
        roster_id = changed.hexdigest()[:16]
    return compiled.roster(rules, file, roster_id, _load)


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _as_now(key: str, stored: NDArray[Any], file: Path) -> NDArray[Any]:
    """Return an array in today's layout.

    Raises:
        RosterError: if a field has gone, or no longer has room for what was stored.
    """
    if key == "descriptors":
        wide = np.zeros((len(stored), _core.DESCRIPTOR_SIZE), np.float32)
        if stored.shape[1] > wide.shape[1]:
            raise RosterError(f"{file}: descriptors have {stored.shape[1]} columns; now fewer do")
        wide[:, : stored.shape[1]] = stored
        return wide
    if key not in _RECORDS:
        return stored
    dtype = _core.DTYPES[_RECORDS[key]]
    fields: Mapping[str, Any] = stored.dtype.fields or {}
    array = np.zeros(len(stored), dtype)
    for name in dtype.names or ():
        if name not in fields:
            array[name] = _NEUTRAL.get((key, name), 0)
            continue
        was, now = stored[name], array[name]
        if was.ndim == 1:
            now[:] = was
        elif was.shape[1] <= now.shape[1]:  # a longer list: -1 is no move, no key, no companion
            now[:] = -1
            now[:, : was.shape[1]] = was
    lost = [
        name
        for name in fields
        if name not in array.dtype.fields or not _kept(stored[name], array[name])
    ]
    if lost:
        raise RosterError(
            f"{file} has {key} with {', '.join(lost)}, which this version cannot hold; "
            "use the version it was frozen with"
        )
    return array


def _kept(was: NDArray[Any], now: NDArray[Any]) -> bool:
    """Whether every stored value is there unchanged."""
    if was.ndim != now.ndim:
        return False
    return bool(np.array_equal(was, now if was.ndim == 1 else now[:, : was.shape[1]]))
