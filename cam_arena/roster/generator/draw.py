"""Counter-based draws: every value is a hash of the seed, the owner and the field's path."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

__all__ = ["SCHEMA_VERSION", "Draw"]

T = TypeVar("T")

SCHEMA_VERSION: Final = 1
"""Part of every hash; a change of it redraws the whole roster."""


@dataclass(frozen=True)
class Draw:
    """The values of one owner, each a pure function of (seed, owner, path, field).

    There is no stream to advance: a field's value does not depend on which other fields are drawn,
    in what order, or how often. So a new field or a new owner never changes an old value.
    """

    seed: int
    """Roster seed, 0..2**64 - 1."""

    owner: str
    """Who is drawn, such as a character's id."""

    path: str = ""
    """Where in the owner, parts joined by '/'."""

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**64:
            raise ValueError(f"seed must be 0..2**64 - 1, got {self.seed}")

    def at(self, part: str) -> "Draw":
        """Return the draw of a part, such as `skill1`."""
        if not part or "/" in part:
            raise ValueError(f"a part of a path must be text without '/', got {part!r}")
        return replace(self, path=f"{self.path}/{part}")

    def bits(self, field: str) -> int:
        """Return 64 bits, uniform."""
        hashed = hashlib.blake2b(digest_size=8)
        # Lengths go before the texts, so that no two different tuples encode alike.
        hashed.update(self.seed.to_bytes(8, "little") + SCHEMA_VERSION.to_bytes(4, "little"))
        for text in (self.owner, self.path, field):
            encoded = text.encode()
            hashed.update(len(encoded).to_bytes(4, "little") + encoded)
        return int.from_bytes(hashed.digest(), "little")

    def unit(self, field: str) -> float:
        """Return a number in [0, 1), a multiple of 2**-53."""
        return (self.bits(field) >> 11) / 2**53

    def integer(self, field: str, low: int, high: int) -> int:
        """Return an integer of low..high, both included."""
        if high < low:
            raise ValueError(f"{field} must have low <= high, got {low}..{high}")
        # The high half of a 64-bit by 64-bit product: uniform up to 2**-64 times the span.
        return low + (self.bits(field) * (high - low + 1) >> 64)

    def choice(self, field: str, options: Sequence[T], weights: Sequence[int] | None = None) -> T:
        """Return one of the options, with odds proportional to the integer weights if given."""
        if not options:
            raise ValueError(f"{field} must have at least one option to choose from")
        if weights is None:
            return options[self.integer(field, 0, len(options) - 1)]
        if len(weights) != len(options) or min(weights) < 0 or sum(weights) < 1:
            raise ValueError(
                f"weights of {field} must be {len(options)} numbers >= 0 that are not all 0, "
                f"got {list(weights)}"
            )
        left = self.integer(field, 0, sum(weights) - 1)
        for option, weight in zip(options, weights, strict=True):
            left -= weight
            if left < 0:
                return option
        raise AssertionError("the integer drawn is below the sum of the weights")

    def chance(self, field: str, milli: int) -> bool:
        """Return True with a probability of `milli` thousandths."""
        return self.integer(field, 0, 999) < milli
