"""TorchRL takes the envs as they are: infos fit its specs, and masks keep its actions legal."""

import pytest

import cam_arena
from cam_arena import duel_v0

pytest.importorskip("torchrl")
from torchrl.envs import GymEnv, GymWrapper, PettingZooWrapper, check_env_specs

pytestmark = pytest.mark.filterwarnings("ignore:PettingZoo in TorchRL is tested:UserWarning")


@pytest.mark.parametrize("make", [duel_v0.parallel_env, duel_v0.env], ids=["parallel", "aec"])
@pytest.mark.parametrize("options", [{}, {"flatten": True}, {"action_space": "own"}], ids=str)
def test_specs_hold(make, options):
    check_env_specs(PettingZooWrapper(make(**options), use_mask=True))


def test_masks_keep_actions_legal():
    env = PettingZooWrapper(duel_v0.parallel_env(max_cycles=40), use_mask=True)
    env.set_seed(0)
    told = env.rollout(60)["next", "fighter", "info"]
    assert told["illegal_action"].shape[:2] == (40, 2)
    assert not told["illegal_action"].any()
    assert told["reward_mana"].any()


def test_an_id_is_enough():
    env = GymEnv("cam_arena/DuelFlat-v0")
    check_env_specs(env)
    assert env.observation_spec["observation"].shape == (
        cam_arena.observation_layout("full").size + 108,
    )


@pytest.mark.parametrize("mode", ["SameStep", "Disabled"])
def test_rollouts_of_many_matches_keep_every_step(mode):
    env = GymWrapper(
        cam_arena.make_vec(2, autoreset_mode=mode, mask_in="none"), categorical_action_encoding=True
    )
    seen = env.rollout(6)["observation"]
    assert seen.shape[:2] == (4, 6)
    assert all((seen[:, step] != seen[:, step + 1]).any() for step in range(5))
