"""Write tables of a roster as TOML, laid out as the hand-written files are.

What a key may hold is in the schema, so the writer needs no more than that: moves, entities and
the like become sections, smaller tables stay on one line, and values that the reader would fill in
by itself are left out. What is written reads back as the same values.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .schema import BY_LEVEL, LEVEL_DEFAULTS, REQUIRED, SCHEMA, Field

__all__ = ["write_table"]

_SECTIONS: Final = ("character", "silhouette", "stats", "slip", "move", "form", "entity", "scroll")
"""Tables with a heading of their own; all others are written between braces."""


def write_table(table: str, values: Mapping[str, Any], heading: str = "") -> str:
    """Return a table as TOML, the end of the last line included.

    Args:
        table: its entry in SCHEMA, such as `character`.
        values: as `read_table` returns them, or as a file would hold them.
        heading: its own heading, such as `[[character]]`; without one it is a whole file.

    Raises:
        KeyError: if a key is not in the schema.
    """
    return "\n".join(_section(table, values, heading.strip("[]"), heading)) + "\n"


def _section(table: str, values: Mapping[str, Any], path: str, heading: str) -> Iterator[str]:
    """Yield the lines of a section: what stands on a line of its own, then what has a heading."""
    if heading:
        yield heading
    given = list(_given(table, values))
    for field, value in given:
        if field.table not in _SECTIONS:
            yield f"{field.key} = {_lines(field, value)}"
    for field, value in given:
        if field.table in _SECTIONS:
            inner = f"{path}.{field.key}" if path else field.key
            brackets = f"[[{inner}]]" if field.kind == "tables" else f"[{inner}]"
            for entry in value if field.kind == "tables" else (value,):
                yield ""
                yield from _section(field.table, entry, inner, brackets)


def _given(table: str, values: Mapping[str, Any]) -> Iterator[tuple[Field, Any]]:
    """Yield the fields to write, in the order of the schema, with their values."""
    entries = SCHEMA[table]
    unknown = set(values) - {entry.key for entry in entries}
    if unknown:
        raise KeyError(f"{table} has no key {min(unknown)!r}")
    for entry in entries:
        value = values.get(entry.key)
        if value is not None and not _is_default(entry, value, values):
            yield entry, value


def _is_default(entry: Field, value: object, values: Mapping[str, Any]) -> bool:
    """Tell whether the reader fills in this value where none is given."""
    if entry.key == "guard_stun":
        return bool(value == max(values["stun"] - 5, 0))
    if entry.default is REQUIRED or entry.default is None:
        return False
    if entry.default is BY_LEVEL and value != BY_LEVEL:
        return _plain(value) == _plain(LEVEL_DEFAULTS[entry.key][values["level"] - 1])
    return _plain(value) == _plain(entry.default)


def _plain(value: object) -> object:
    """Take a list and a tuple for the same: files have lists, the schema's defaults are tuples."""
    return list(value) if isinstance(value, tuple) else value


def _lines(field: Field, value: Any) -> str:
    """Return a value; a list of tables has a line for each."""
    if field.kind != "tables":
        return _inline(field, value)
    return "\n".join(["[", *(f"  {_braces(field.table, entry)}," for entry in value), "]"])


def _inline(field: Field, value: Any) -> str:
    if field.kind == "table":
        return _braces(field.table, value)
    if field.kind == "tables":
        return f"[{', '.join(_braces(field.table, entry) for entry in value)}]"
    return _value(value)


def _braces(table: str, values: Mapping[str, Any]) -> str:
    inside = ", ".join(
        f"{field.key} = {_inline(field, value)}" for field, value in _given(table, values)
    )
    return f"{{ {inside} }}" if inside else "{}"


def _value(value: object) -> str:
    if isinstance(value, str):
        # JSON's strings are TOML's, but for one control character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)
