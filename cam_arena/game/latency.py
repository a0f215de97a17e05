"""Latency: how late an agent sees the match, and how late what it decides takes effect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .. import _core

__all__ = ["LATENCIES", "Latency", "latency_table", "parse_latency"]

_KEYS: Final = ("obs_delay", "act_delay", "jitter", "drop", "delay_self")

LATENCIES: Final[dict[str, dict[str, Any]]] = {
    "human": {"obs_delay": 7, "act_delay": 1, "jitter": (2, 0)},
    "online": {"act_delay": 3, "jitter": (0, 1)},
}
"""What the named latencies stand for."""

_MEANINGS: Final = {
    "obs_delay": (
        f"0..{_core.MAX_SEE_DELAY}",
        "Ticks of 1/30 s by which what an agent sees is old.",
    ),
    "act_delay": (
        f"0..{_core.MAX_ACT_DELAY}",
        "Ticks until a decision takes effect; the direction held before stays held so long.",
    ),
    "jitter": (
        "0..15, or a pair",
        "Ticks by which each delay that is not 0 varies from step to step, either way; a pair is "
        "for seeing and for acting, 0..15 and 0..8. A delay never leaves its range.",
    ),
    "drop": ("0..1", "Probability that a decision is lost: then it is as if none had been made."),
    "delay_self": (
        "True, False",
        "Whether the agent sees its own fighter late too. False, the default, keeps it present.",
    ),
}


@dataclass(frozen=True)
class Latency:
    """How late one agent sees and acts; delays and jitters in ticks of 1/30 s."""

    obs_delay: int = 0
    act_delay: int = 0
    obs_jitter: int = 0
    act_jitter: int = 0
    drop: float = 0.0
    delay_self: bool = False

    @property
    def packed(self) -> tuple[int, int, int, int, float, bool]:
        """The values as `_core.Batch` takes them."""
        return (
            self.obs_delay,
            self.act_delay,
            self.obs_jitter,
            self.act_jitter,
            self.drop,
            self.delay_self,
        )


def parse_latency(value: object) -> tuple[Latency, Latency] | None:
    """Return each seat's latency, or None if neither has one.

    Args:
        value: None, a name of LATENCIES, a dict, or a pair of these.

    Raises:
        ValueError: for an unknown name or key, or a value out of range.
        TypeError: for a value of the wrong type.
    """
    if isinstance(value, list | tuple):
        if len(value) != 2:
            raise ValueError(f"latency must be one for both sides or a pair, got {value!r}")
        first, second = (_parse_one(one) for one in value)
    else:
        first = second = _parse_one(value)
    return None if first is second is None else (first or Latency(), second or Latency())


def _parse_one(value: object) -> Latency | None:
    if value is None:
        return None
    if isinstance(value, str):
        if value not in LATENCIES:
            names = ", ".join(map(repr, LATENCIES))
            raise ValueError(f"latency must be None, {names} or a dict of delays, got {value!r}")
        return _from_dict(LATENCIES[value])
    if not isinstance(value, Mapping):
        raise TypeError(f"latency must be None, a name, a dict of delays or a pair, got {value!r}")
    return _from_dict(value)


def _from_dict(given: Mapping[str, Any]) -> Latency:
    for key in given:
        if key not in _KEYS:
            raise ValueError(f"latency has no {key!r}; it has {', '.join(_KEYS)}")
    see = _ticks("obs_delay", given.get("obs_delay", 0), _core.MAX_SEE_DELAY)
    act = _ticks("act_delay", given.get("act_delay", 0), _core.MAX_ACT_DELAY)
    see_jitter, act_jitter = _jitters(given.get("jitter", 0), see, act)
    drop = given.get("drop", 0.0)
    if isinstance(drop, bool) or not isinstance(drop, int | float):
        raise TypeError(f"latency['drop'] must be a probability, got {drop!r}")
    if not 0.0 <= drop <= 1.0:  # NaN fails this too
        raise ValueError(f"latency['drop'] must be within 0..1, got {drop!r}")
    delay_self = given.get("delay_self", False)
    if not isinstance(delay_self, bool):
        raise TypeError(f"latency['delay_self'] must be True or False, got {delay_self!r}")
    return Latency(see, act, see_jitter, act_jitter, float(drop), delay_self)


def _jitters(value: Any, see: int, act: int) -> tuple[int, int]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != 2:
            raise ValueError(
                "latency['jitter'] must be ticks, or a pair for seeing and for acting, "
                f"got {value!r}"
            )
        return (
            _ticks("jitter", value[0], _core.MAX_SEE_DELAY),
            _ticks("jitter", value[1], _core.MAX_ACT_DELAY),
        )
    both = _ticks("jitter", value, _core.MAX_SEE_DELAY)
    if both and not see and not act:
        raise ValueError(
            "latency['jitter'] varies delays that are not 0; give obs_delay or act_delay too, "
            "or a pair of jitters"
        )
    return both if see else 0, min(both, _core.MAX_ACT_DELAY) if act else 0


def _ticks(key: str, value: Any, most: int) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"latency[{key!r}] must be an integer of ticks, got {value!r}")
    ticks: int = value.__index__()
    if not 0 <= ticks <= most:
        raise ValueError(f"latency[{key!r}] must be 0..{most} ticks of 1/30 s, got {ticks}")
    return ticks


def latency_table() -> str:
    """Return the keys of a latency and the named ones as a Markdown table."""
    names = " | ".join(f"`{name}`" for name in LATENCIES)
    lines = [
        f"| key | allowed | {names} | meaning |",
        f"| --- | --- |{' --- |' * len(LATENCIES)} --- |",
    ]
    for key, (allowed, meaning) in _MEANINGS.items():
        values = " | ".join(f"{named.get(key, '')}" for named in LATENCIES.values())
        lines.append(f"| `{key}` | {allowed} | {values} | {meaning} |")
    return "\n".join(lines) + "\n"
