"""Many matches between teams as one Gymnasium vector env."""

from typing import ClassVar, Unpack

from gymnasium.vector import AutoresetMode

from ..game.squads import SquadEnvOptions
from .squad import Opponents, seat_teams
from .vector import DuelVectorEnv

__all__ = ["SquadVectorEnv"]

_PARAMETERS = (
    "num_matches", "num_threads", "team_size", "enemy_size", "opponent", "map", "num_workers",
    "autoreset_mode", "observation_dtype", "copy", "render_mode",
)  # fmt: skip


class SquadVectorEnv(DuelVectorEnv):
    """Many matches between teams as one Gymnasium vector env.

    Rows are the agents, match by match: of one match `blue_0`.. and then, without an opponent,
    `red_0`...

    Args:
        num_matches: matches that step together.
        num_threads: threads that share them; results do not depend on it.
        team_size: fighters of blue, 1..5; without a map 3 by default.
        enemy_size: fighters of red; as many as blue by default.
        opponent: who plays red, for every fighter; then only blue has rows. None is the map's, or
            without one nobody: then both teams have rows, as with `learn` on any map.
        map: a named set of sizes, characters and sometimes an opponent; see `cam_arena.squad_v0`.
        num_workers: processes that share the matches, 0 for none.
        autoreset_mode: as of `cam_arena.make_vec`.
        observation_dtype: as of `cam_arena.make_vec`.
        copy: as of `cam_arena.make_vec`.
        render_mode: None or `rgb_array`: a frame for every match.
        options: those of every env; `observation` is `squad` by default, and `mirrored` gives
            both sides the same characters.
    """

    _NAME: ClassVar[str] = "squad_v0"
    _IS_DUEL: ClassVar[bool] = False

    def __init__(
        self,
        num_matches: int,
        num_threads: int = 1,
        *,
        team_size: int | None = None,
        enemy_size: int | None = None,
        opponent: Opponents | None = None,
        map: str | None = None,
        num_workers: int = 0,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        observation_dtype: str = "float32",
        copy: bool = True,
        render_mode: str | None = None,
        **options: Unpack[SquadEnvOptions],
    ) -> None:
        self.closed = True  # until it is made: gymnasium 1.2 closes what a refused argument left
        chosen, seats, opponents = seat_teams(
            options,
            team_size=team_size,
            enemy_size=enemy_size,
            opponent=opponent,
            map_name=map,
            beside=_PARAMETERS,
        )
        self._open(
            chosen, seats, opponents, chosen.names, num_matches, num_threads, num_workers,
            autoreset_mode, observation_dtype, copy, render_mode,
        )  # fmt: skip
