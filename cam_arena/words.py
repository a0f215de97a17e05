"""Counts in sentences."""

__all__ = ["counted"]


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: `1 match`, `2,000 matches`.

    Args:
        count: of things.
        one: what one is called.
        many: what several are called; `one` with an s, if None.
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
