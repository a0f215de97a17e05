"""The envs' entries in the registries of Gymnasium and, where it has one, PettingZoo."""

import gymnasium
import pettingzoo

__all__ = ["GYMNASIUM_ID", "PETTINGZOO_ID", "register_envs"]

GYMNASIUM_ID = "cam_arena/Duel-v0"
PETTINGZOO_ID = "cam_arena/duel_v0"


def register_envs() -> None:
    """Register the envs, once."""
    if GYMNASIUM_ID not in gymnasium.registry:
        gymnasium.register(
            GYMNASIUM_ID,
            entry_point="cam_arena.envs.single:DuelEnv",
            vector_entry_point="cam_arena.envs.vector:single_seat",
        )
    register = getattr(pettingzoo, "register", None)  # from 1.27 on
    if register is not None and PETTINGZOO_ID not in pettingzoo.parallel_registry:
        register("parallel", PETTINGZOO_ID, "cam_arena.envs.parallel:DuelParallelEnv")
        register("aec", PETTINGZOO_ID, "cam_arena.envs.aec:DuelAECEnv")
