"""The duel, in PettingZoo's form of a module: `env`, `raw_env` and `parallel_env`.

The module can be called: `cam_arena.duel_v0()` is `cam_arena.duel_v0.env()`.
"""

import sys
from types import ModuleType
from typing import Unpack

from .envs.aec import DuelAECEnv
from .envs.base import RenderMode
from .envs.parallel import DuelParallelEnv
from .game.options import EnvOptions

__all__ = ["env", "parallel_env", "raw_env"]

env = DuelAECEnv
raw_env = DuelAECEnv
parallel_env = DuelParallelEnv


class _CallableModule(ModuleType):
    def __call__(
        self, render_mode: RenderMode | None = None, **options: Unpack[EnvOptions]
    ) -> DuelAECEnv:
        """Return the AEC env."""
        return DuelAECEnv(render_mode, **options)


sys.modules[__name__].__class__ = _CallableModule
