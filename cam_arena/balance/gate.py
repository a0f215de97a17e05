"""A figure and its limits."""

from dataclasses import dataclass

__all__ = ["Gate"]


@dataclass(frozen=True)
class Gate:
    """One figure and its limits; without limits it is only reported."""

    name: str
    """What is measured."""
    value: float
    """The figure, without the noise of few games."""
    low: float | None = None
    """Least allowed."""
    high: float | None = None
    """Most allowed."""
    interval: tuple[float, float] | None = None
    """95 % interval of `value`, where it has one."""
    raw: float | None = None
    """The figure as counted, where that differs."""
    note: str = ""
    """How it was measured."""

    @property
    def is_gate(self) -> bool:
        """Whether it has limits."""
        return self.low is not None or self.high is not None

    @property
    def passed(self) -> bool:
        """Whether the value lies within the limits; True if there are none."""
        return (self.low is None or self.value >= self.low) and (
            self.high is None or self.value <= self.high
        )

    @property
    def allowed(self) -> str:
        """The limits in words."""
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"at least {self.low:g}"
        return f"at most {self.high:g}" if self.high is not None else "reported"
