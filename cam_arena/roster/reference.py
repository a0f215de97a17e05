"""The reference of roster files as Markdown: `python -m cam_arena.roster.reference` prints it."""

from .schema import LEVEL_DEFAULTS, OP_KEYS, SCHEMA, SLOT_CANCELS, SLOT_RANGES

__all__ = ["reference"]


def reference() -> str:
    """Return the reference of all keys as Markdown tables."""
    lines: list[str] = []
    for table, entries in SCHEMA.items():
        lines += [f"### {table}", "", "| Key | Allowed | Default | Meaning |", "|---|---|---|---|"]
        for field in entries:
            default = "none" if field.default in (None, ()) else _as_toml(field.default)
            allowed = f"{field.allowed} (see {field.table})" if field.table else field.allowed
            lines.append(f"| {field.key} | {allowed} | {default} | {field.meaning} |")
        lines.append("")
    lines += [
        "### Defaults of a hit by level",
        "",
        "| Key | 1 | 2 | 3 | 4 |",
        "|---|---|---|---|---|",
    ]
    for key, values in LEVEL_DEFAULTS.items():
        lines.append(f"| {key} | " + " | ".join(map(_as_toml, values)) + " |")
    lines += ["", "### Cancels by slot", "", "| Slot | whiff | hit | guard |", "|---|---|---|---|"]
    for slot, cancels in SLOT_CANCELS.items():
        cells = (", ".join(cancels[key]) or "-" for key in ("whiff", "hit", "guard"))
        lines.append(f"| {slot} | " + " | ".join(cells) + " |")
    lines += ["", "### Ticks by slot", ""]
    lines += ["| Slot | startup | active | recovery | cooldown |", "|---|---|---|---|---|"]
    for slot, ranges in SLOT_RANGES.items():
        lines.append(f"| {slot} | " + " | ".join(f"{a}..{b}" for a, b in ranges.values()) + " |")
    lines += ["", "### Keys of an op-code", "", "| do | Keys |", "|---|---|"]
    lines += [f"| {name} | {', '.join(keys) or '-'} |" for name, keys in OP_KEYS.items()]
    return "\n".join(lines) + "\n"


def _as_toml(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    print(reference(), end="")
