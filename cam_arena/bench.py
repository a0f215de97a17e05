"""The signatures: numbers that prove the simulation behaves the same everywhere."""

from typing import Final

from . import _core
from .roster import Roster, load_roster

__all__ = ["SIGNATURE", "TEAM_SIGNATURES", "signature", "team_signatures"]

SIGNATURE: Final = "cc29c2654d23b554"
"""The signature of this version with its bundled roster. A change of it is a change of the rules or
of the roster: it is always intended, and the changelog says why."""

TEAM_SIGNATURES: Final = {
    "1v1": ("8435f6e096af3c47", "c2f7cbf157bff529"),
    "2v2": ("e224d5cce7171f1d", "4c975e9b4c010c9f"),
    "1v3": ("7879cbdc057a37c5", "b3b1ff42078d88f2"),
    "5v5": ("149c06ca5aae2fa5", "a7f95d6bb598db99"),
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
