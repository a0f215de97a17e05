"""Teams, in PettingZoo's form of a module: `env`, `raw_env` and `parallel_env`.

`make_vec` makes many matches as one vector env, `central_env` a Gymnasium env in which one
controller plays all of blue. `MAPS` names what `map=` may be.

The module can be called: `cam_arena.squad_v0()` is `cam_arena.squad_v0.env()`.
"""

import sys
from types import ModuleType
from typing import Any

from .envs.squad import SquadParallelEnv
from .envs.squad_aec import SquadAECEnv
from .envs.squad_central import SquadCentralEnv
from .envs.squad_vector import SquadVectorEnv
from .game.squads import MAPS

__all__ = ["MAPS", "central_env", "env", "make_vec", "parallel_env", "raw_env"]

env = SquadAECEnv
raw_env = SquadAECEnv
parallel_env = SquadParallelEnv
make_vec = SquadVectorEnv
central_env = SquadCentralEnv


class _CallableModule(ModuleType):
    def __call__(self, *args: Any, **options: Any) -> SquadAECEnv:
        """Return the AEC env."""
        return SquadAECEnv(*args, **options)


sys.modules[__name__].__class__ = _CallableModule
