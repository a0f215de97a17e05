"""Read one TOML table against its schema, and collect all that is wrong with it."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .schema import LEVEL_DEFAULTS, OP_KEYS, REQUIRED, SCHEMA, Field

__all__ = ["Problems", "read_table"]

Values = dict[str, Any]


@dataclass
class Problems:
    """Problems found in one file, as sentences that name file, key, value and what is allowed."""

    file: str
    found: list[str] = field(default_factory=list)

    def value(self, key: str, value: object, allowed: str) -> None:
        """Note a value that is not allowed."""
        self.found.append(f"{self.file}: {key} is {_shown(value)}; it must be {allowed}")

    def missing(self, key: str, allowed: str) -> None:
        """Note a key that is not there."""
        self.found.append(f"{self.file}: {key} is missing; it must be {allowed}")

    def unknown(self, key: str, name: str, known: Iterable[str]) -> None:
        """Note a name that does not exist, with the nearest that does."""
        known = sorted(known)
        near = difflib.get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        self.found.append(
            f"{self.file}: {key} is {_shown(name)}; it must be one of {', '.join(known)}{hint}"
        )

    def unknown_key(self, where: str, key: str, known: Iterable[str]) -> None:
        """Note a key that the schema does not have."""
        near = difflib.get_close_matches(key, list(known), 1)
        hint = f"did you mean {near[0]}?" if near else f"allowed are {', '.join(sorted(known))}"
        self.found.append(f"{self.file}: {_join(where, key)} is not a known key; {hint}")


def read_table(table: str, data: object, where: str, problems: Problems) -> Values:
    """Return the values of a TOML table with defaults filled in.

    Args:
        table: its entry in SCHEMA.
        data: what tomllib returned for it.
        where: its dotted key, for messages; empty for the whole file.
        problems: collects what is wrong; a wrong value is replaced by its default or by None.
    """
    if not isinstance(data, Mapping):
        problems.value(where, data, "a table")
        data = {}
    entries = SCHEMA[table]
    known = {entry.key for entry in entries}
    for key in data:
        if key not in known:
            problems.unknown_key(where, key, known)
    values: Values = {}
    for entry in entries:
        if entry.key in data:
            values[entry.key] = _read_value(
                entry, data[entry.key], _join(where, entry.key), problems
            )
        elif entry.default is REQUIRED:
            problems.missing(_join(where, entry.key), entry.allowed)
            values[entry.key] = None
        else:
            values[entry.key] = entry.default
    if table in ("hit", "strike"):
        _fill_by_level(values)
    if table == "op":
        _check_op_keys(values, data, where, problems)
    return values


def _read_value(entry: Field, value: object, key: str, problems: Problems) -> Any:
    if entry.kind == "table":
        return read_table(entry.table, value, key, problems)
    if entry.kind == "tables":
        if not isinstance(value, list) or not entry.low <= len(value) <= entry.high:
            given = f"a list of {len(value)}" if isinstance(value, list) else value
            problems.value(key, given, entry.allowed)
            return []
        return [
            read_table(entry.table, item, f"{key}[{i}]", problems) for i, item in enumerate(value)
        ]
    if not _is_allowed(entry, value):
        if entry.kind == "choice" and isinstance(value, str):
            problems.unknown(key, value, entry.choices)
        else:
            problems.value(key, value, entry.allowed)
        return None if entry.default is REQUIRED else entry.default
    return value


def _is_allowed(entry: Field, value: object) -> bool:
    match entry.kind:
        case "int":
            return _is_int(value, entry.low, entry.high)
        case "pair" | "window":
            if not isinstance(value, list) or len(value) != 2:
                return False
            if not all(_is_int(item, entry.low, entry.high) for item in value):
                return False
            return entry.kind == "pair" or value[0] < value[1]
        case "text":
            return isinstance(value, str) and entry.low <= len(value.strip()) <= entry.high
        case "name":
            return isinstance(value, str)
        case "choice":
            return isinstance(value, str) and value in entry.choices
        case "list":
            if not isinstance(value, list) or len(value) < entry.low:
                return False
            return all(item in entry.choices for item in value)
        case "names":
            return (
                isinstance(value, list)
                and entry.low <= len(value) <= entry.high
                and all(isinstance(item, str) for item in value)
            )
    return (
        isinstance(value, list)
        and entry.low <= len(value) <= entry.high
        and all(_is_colour(item) for item in value)
    )


def _is_int(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_colour(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 7 or value[0] != "#":
        return False
    return all(digit in "0123456789abcdef" for digit in value[1:])


def _fill_by_level(values: Values) -> None:
    level = values["level"] or 1
    for key, defaults in LEVEL_DEFAULTS.items():
        if isinstance(values[key], str):
            values[key] = defaults[level - 1]
    if values["guard_stun"] is None:
        values["guard_stun"] = max((values["stun"] or 0) - 5, 0)


def _check_op_keys(
    values: Values, data: Mapping[str, object], where: str, problems: Problems
) -> None:
    if values["do"] is None:
        return
    wanted = OP_KEYS[values["do"]]
    by_key = {entry.key: entry for entry in SCHEMA["op"]}
    for key in wanted:
        if key not in data:
            problems.missing(_join(where, key), by_key[key].allowed)
    for key in data:
        if key in by_key and key not in (*wanted, "at", "do"):
            problems.unknown_key(where, key, ("at", "do", *wanted))


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "a table"
    return str(value) if str(value).strip() else "blank"
