"""The signatures: numbers that prove the simulation behaves the same everywhere."""

from typing import Final

from . import _core
from .roster import Roster, load_roster

__all__ = ["SIGNATURE", "TEAM_SIGNATURES", "signature", "team_signatures"]

SIGNATURE: Final = "ff947873f0cc4d35"
"""The signature of this version with its bundled roster. A change of it is a change of the rules or
of the roster: it is always intended, and the changelog says why."""

TEAM_SIGNATURES: Final = {
    "1v1": ("ff3548ddf1e2e1ac", "08a85dfb867a78ac"),
    "2v2": ("0f6be5eb62521566", "e7e94d9a6c2ef41f"),
    "1v3": ("946fc37ed5e1d31d", "c1230f8cb586c8f5"),
    "5v5": ("aef3ae82fb4c1a21", "2d3d251000d34e67"),
}
"""Those of teams: of every state, and of all that late fighters see under public information."""

_MATCHES: Final = 1024
_TICKS: Final = 900
_TEAM_MATCHES: Final = 304
_TEAM_TICKS: Final = 150


def signature(roster: Roster | None = None) -> str:
    """Hash every state of fixed matches with fixed inputs, in 16 hexadecimal digits.

    In 1,024 matches of up to 900 ticks each of the 304 characters fights three times or more on
    either side. The value is equal on every platform and with every compiler; see csrc/signature.c.
    """
    data = (load_roster() if roster is None else roster).data
    return f"{_core.signature(data, _MATCHES, _TICKS):016x}"


def team_signatures(roster: Roster | None = None) -> dict[str, tuple[str, str]]:
    """Hash matches of the sizes of TEAM_SIGNATURES, and what is seen of them.

    In 304 matches of 150 ticks each of the 304 characters fights on either side; where fighters
    see late, each is late in another way.
    """
    data = (load_roster() if roster is None else roster).data
    found = {}
    for name in TEAM_SIGNATURES:
        blue, red = (int(size) for size in name.split("v"))
        states, seen = (
            _core.signature(data, _TEAM_MATCHES, _TEAM_TICKS, (blue, red), views=views)
            for views in (False, True)
        )
        found[name] = (f"{states:016x}", f"{seen:016x}")
    return found
