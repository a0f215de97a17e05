"""Teams as a PettingZoo AEC env."""

from .squad import SquadBase
from .turn_env import TurnEnv

__all__ = ["SquadAECEnv"]


class SquadAECEnv(SquadBase, TurnEnv):
    """Teams as a PettingZoo AEC env, for agents `blue_0`.. and `red_0`.. in this order.

    Actions are kept back until the last agent has chosen, and nobody sees anything of them; then
    the world moves, and all rewards of the step fall. The arguments are those of
    `squad_v0.parallel_env`.
    """

    def restore(self, snapshot: bytes) -> None:
        """Go back to a snapshot, at the first agent's turn; see `SquadBase.restore`."""
        super().restore(snapshot)
        self._start_turns()
