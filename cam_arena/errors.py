"""The errors users can meet, besides ValueError and TypeError for wrong arguments."""


class ArenaError(Exception):
    """Base of all errors that cam_arena defines."""


class RosterError(ArenaError):
    """A roster that cannot be read or does not exist."""


class CharacterError(RosterError):
    """A value in a roster file that is not allowed; names file, key, value and range."""


class MatchError(ArenaError):
    """A call that the match does not allow at present, such as a step before reset."""


class SnapshotError(ArenaError):
    """A snapshot or state that does not belong to this version, roster or number of fighters."""


class ReplayError(ArenaError):
    """A replay that is damaged or was recorded with other rules."""


class CheckpointError(ArenaError):
    """A checkpoint that is damaged, incomplete or of another format."""


class UnmetWarning(UserWarning):
    """A policy plays characters that it never met in its training."""


class RunError(ArenaError):
    """A run's directory that another process is training in; names the process."""


class Stopped(KeyboardInterrupt):
    """A training that was asked to stop by a signal, and has saved itself before it did."""

    def __init__(self, message: str, signal: int, *, go_on: str | None = None) -> None:
        """Say how far it came.

        Args:
            message: what was done.
            signal: number of the signal that asked.
            go_on: command that goes on; None: the one that was given; empty: none does.
        """
        super().__init__(message)
        self.signal, self.go_on = signal, go_on


class TrainingError(ArenaError):
    """A training that cannot go on, or a policy that one has ruined: it says what is not finite.

    Or how much memory was wanted that is not there.
    """


class WorkerError(ArenaError):
    """A worker process that died or stopped answering; names the worker and the reason."""


class BalanceError(ArenaError):
    """A balance file that is damaged, or that belongs to another roster or plan."""
