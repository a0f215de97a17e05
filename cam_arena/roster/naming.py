"""Names as people write them: which name is meant, and which is near."""

import difflib
from collections.abc import Iterable

__all__ = ["meant", "nearest"]


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def meant(given: str, names: Iterable[str]) -> str | None:
    """Return the name that is meant, whatever its case, spaces and underscores; None if none is.

    `vesh_cindral` and `VESH CINDRAL` are Vesh Cindral. A name as it is written wins.
    """
    known = list(names)
    if given in known:
        return given
    alike = [name for name in known if _plain(name) == _plain(given)]
    return alike[0] if len(alike) == 1 and _plain(given) else None


def nearest(given: str, names: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the name that is nearest: one that has the given word in it, or one spelt alike."""
    known = {name.casefold(): name for name in names}
    wanted = given.casefold().replace("_", " ").strip()
    for name in known:
        if wanted and wanted in name.split():
            return known[name]
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=cutoff)
    return known[close[0]] if close else None
