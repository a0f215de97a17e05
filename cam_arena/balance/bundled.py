"""Make the bundled roster again with other factors, beside the one that is installed."""

import math
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final

from ..roster import Roster, load_roster
from ..roster.generator import SURPLUS, read_model, read_tuning, write_tuning
from ..roster.load import BUNDLED

__all__ = ["BundledMaker"]

_FILES: Final = ("scrolls.toml", "companions.toml", "roster.toml", "splits.toml")
_ATTACK: Final = "attack"
_LIMITS: Final = (800, 1250)
"""Of a factor of attack, milli."""


class BundledMaker:
    """A context in which the bundled roster can be made with any surplus.

    A generated character has its surplus taken out of the damage of its moves when it is generated.
    A hand-written one keeps its moves: its attack gets a factor.
    """

    def __init__(self, tuning: Path | None = None) -> None:
        """Begin from the factors in a file, that of the bundled roster if None."""
        self.tuning = tuning or BUNDLED / "tuning.toml"
        self._factors = {name: dict(own) for name, own in read_tuning(self.tuning).items()}
        names = load_roster().names
        self._authored = {one.name for one in load_roster() if one.authored}
        self.count = len(names)
        """Characters."""
        self.surplus = {name: self._surplus(name) for name in names}
        """Logits by name, as the file has it."""
        self._made = 0

    def __enter__(self) -> "BundledMaker":
        """Make a directory for rosters."""
        self._scratch = tempfile.TemporaryDirectory()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove it."""
        self._scratch.cleanup()

    def make(self, surplus: Mapping[str, float]) -> Roster:
        """Return the bundled roster as it is with a surplus, logits by name."""
        self._made += 1
        path = Path(self._scratch.name) / str(self._made)
        path.mkdir()
        for file in _FILES:
            shutil.copy(BUNDLED / file, path)
        shutil.copytree(BUNDLED / "schools", path / "schools")
        write_tuning(path / "tuning.toml", self._tuned(surplus))
        return load_roster(path)

    def write(self, surplus: Mapping[str, float]) -> Path:
        """Write the factors for a surplus, and return the file."""
        write_tuning(self.tuning, self._tuned(surplus))
        return self.tuning

    def _surplus(self, name: str) -> float:
        factors = self._factors.get(name, {})
        if name in self._authored:
            return -_worth() * math.log(factors.get(_ATTACK, 1000) / 1000)
        return factors.get(SURPLUS, 0) / 1000

    def _tuned(self, surplus: Mapping[str, float]) -> dict[str, dict[str, int]]:
        tuned = {name: dict(own) for name, own in self._factors.items()}
        for name, logits in surplus.items():
            own = tuned.setdefault(name, {})
            if name in self._authored:
                factor = round(1000 * math.exp(-logits / _worth()))
                own[_ATTACK] = min(max(factor, _LIMITS[0]), _LIMITS[1])
            else:
                own[SURPLUS] = round(1000 * logits)
        return tuned


def _worth() -> float:
    """Return what the logarithm of attack is worth, logits."""
    return read_model().worth["log attack"][0]
