"""What no training can go on with, a number that is not finite or no memory, as one error."""

from collections.abc import Iterator
from contextlib import contextmanager

from cam_arena.errors import TrainingError

__all__ = ["telling"]

_TORCH_SHORT = "can't allocate memory"  # torch raises a RuntimeError, not a MemoryError


@contextmanager
def telling(who: str | None = None) -> Iterator[None]:
    """Turn such a failure into an error that is told in one line.

    Args:
        who: trained, to begin the line with; None: nothing need be said of it.

    Raises:
        TrainingError: says what was not finite, or how much memory was wanted.
    """
    cause: Exception
    try:
        yield
    except (TrainingError, FloatingPointError) as error:
        reason, cause = str(error), error
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and _TORCH_SHORT not in str(error):
            raise
        reason, cause = f"there is not enough memory: {error}".removesuffix(": "), error
    else:
        return
    raise TrainingError(reason if who is None else f"{who}: {reason}") from cause
