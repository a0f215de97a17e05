"""The envs' entries in the registries of Gymnasium and, where it has one, PettingZoo."""

from typing import Any, Final

import gymnasium
import pettingzoo

__all__ = ["GYMNASIUM_IDS", "PETTINGZOO_ID", "SQUAD_ID", "register_envs"]

GYMNASIUM_IDS: Final[dict[str, dict[str, Any]]] = {
    "cam_arena/Duel-v0": {},
    # For scripts that take an id alone, and a Box of numbers or of a picture for granted.
    "cam_arena/DuelFlat-v0": {"flatten": True},
    "cam_arena/DuelPixels-v0": {"observation": "pixels", "mask_in": "info"},
}
"""The ids of Gymnasium and the options that each stands for."""

PETTINGZOO_ID: Final = "cam_arena/duel_v0"
SQUAD_ID: Final = "cam_arena/Squad-v0"
"""The id of the env in which one controller plays a team."""


def register_envs() -> None:
    """Register the envs, once."""
    for gymnasium_id, options in GYMNASIUM_IDS.items():
        if gymnasium_id not in gymnasium.registry:
            gymnasium.register(
                gymnasium_id,
                entry_point="cam_arena.envs.single:DuelEnv",
                vector_entry_point="cam_arena.envs.vector:single_seat",
                kwargs=options,
            )
    if SQUAD_ID not in gymnasium.registry:
        gymnasium.register(SQUAD_ID, entry_point="cam_arena.envs.squad_central:SquadCentralEnv")
    register = getattr(pettingzoo, "register", None)  # from 1.27 on
    if register is not None and PETTINGZOO_ID not in pettingzoo.parallel_registry:
        register("parallel", PETTINGZOO_ID, "cam_arena.envs.parallel:DuelParallelEnv")
        register("aec", PETTINGZOO_ID, "cam_arena.envs.aec:DuelAECEnv")
