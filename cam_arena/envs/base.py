"""What the envs of one match share: seeding, calls out of turn, rendering; and those of a duel."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, cast, get_args

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from .. import _core
from ..errors import MatchError
from ..game.actions import action_space
from ..game.match import AGENTS, Match
from ..game.observations import VECTORS, Observation, ObservationForm
from ..game.options import TICKS_PER_SECOND, EnvOptions, Options, check_seed
from ..game.views import seen_space
from .turns import broken_off

if TYPE_CHECKING:
    from ..render.viewer import Viewer

__all__ = ["AgentEnv", "DuelBase", "Info", "MatchEnv", "RenderMode"]

RenderMode = Literal["human", "rgb_array"]
RENDER_MODES: Final[tuple[str, ...]] = get_args(RenderMode)

Info = dict[str, Any]


class MatchEnv:
    """An env of one match: how it begins, draws and ends.

    Args:
        render_mode: None, `human` for a window or `rgb_array` for frames.
        options: of the match.
        names: of the fighters, in order.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "render_modes": list(RENDER_MODES),
        "render_fps": 10,
        "is_parallelizable": True,
    }

    def __init__(
        self, render_mode: RenderMode | None, options: Options, names: tuple[str, ...]
    ) -> None:
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise ValueError(
                f"render_mode must be None, 'human' or 'rgb_array', got {render_mode!r}"
            )
        self.render_mode: str | None = render_mode
        self._options, self._names = options, names
        fps = round(TICKS_PER_SECOND / options.frame_skip)
        self.metadata = {**type(self).metadata, "render_fps": fps}  # type: ignore[misc]
        self._np_random: np.random.Generator | None = None
        self._np_random_seed: int | None = None
        self._has_begun = False
        self._is_closed = False
        self._failure = "the env is closed; make a new one"
        self._viewer: Viewer | None = None

    def _state(self) -> np.void:
        """Return the whole state as a numpy record."""
        raise NotImplementedError

    # ---- time ----

    def _chosen_seed(self, seed: int | None) -> int:
        """Return a seed; if None, the one after the last or, at first, one of the OS."""
        self._require_open()
        if seed is not None:
            return check_seed(seed)
        if self._has_begun:
            return _core.next_seed(int(self._state()["seed"]))
        return int.from_bytes(os.urandom(7), "little")

    def _note_begun(self, seed: int) -> None:
        self._np_random, self._np_random_seed = np.random.default_rng(seed), seed
        self._has_begun = True

    def _fail(self, error: BaseException) -> None:
        """Close the env after a call that broke off."""
        self._failure = broken_off(error)
        self.close()

    def _require_open(self) -> None:
        if self._is_closed:
            raise MatchError(self._failure)

    def _require_begun(self) -> None:
        self._require_open()
        if not self._has_begun:
            raise MatchError("the env has not begun; call reset() first")

    @property
    def np_random(self) -> np.random.Generator:
        """A generator for wrappers, seeded by reset; the match itself does not draw from it."""
        if self._np_random is None:
            self._np_random = np.random.default_rng()
        return self._np_random

    @np_random.setter
    def np_random(self, generator: np.random.Generator) -> None:
        self._np_random = generator

    # ---- rendering ----

    def render(self) -> NDArray[np.uint8] | None:
        """Draw the match: return a frame with `rgb_array`, show it with `human`.

        Raises:
            MatchError: if there is nothing to draw or the env has no render mode.
        """
        self._require_begun()
        if self.render_mode is None:
            raise MatchError("render() needs an env made with render_mode='rgb_array' or 'human'")
        if self._viewer is None:
            from ..render.viewer import Viewer

            fps, roster = self.metadata["render_fps"], self._options.loaded_roster
            self._viewer = Viewer(cast(RenderMode, self.render_mode), roster, fps=fps)
        frame = self._viewer.draw(self._state(), self._names)
        return frame if self.render_mode == "rgb_array" else None

    def _show(self) -> None:
        """Keep a window up to date."""
        if self.render_mode == "human":
            self.render()

    def close(self) -> None:
        """Close the window and refuse further use; a second call does nothing."""
        if self._viewer is not None:
            self._viewer.close()
            self._viewer = None
        self._is_closed = True

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_viewer": None}  # a window belongs to one process


class AgentEnv(MatchEnv):
    """An env of one match whose agents have names, as PettingZoo's envs do."""

    possible_agents: list[str]
    agents: list[str]

    def _set_agents(self, pairs: Mapping[str, tuple[spaces.Space[Any], spaces.Space[Any]]]) -> None:
        """Take the agents, each with its spaces of observations and actions."""
        self.possible_agents, self.agents = list(pairs), []
        self.observation_spaces = {agent: pair[0] for agent, pair in pairs.items()}
        self.action_spaces = {agent: pair[1] for agent, pair in pairs.items()}

    def _row_of(self, agent: object) -> int:
        """Return an agent's place among all, or say that there is none of that name."""
        if agent not in self.possible_agents:
            names = ", ".join(self.possible_agents)
            raise ValueError(f"there is no agent {agent!r}; agents are {names}")
        return self.possible_agents.index(agent)

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """Return an agent's observation space, the same object every time."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """Return an agent's action space, the same object every time."""
        return self.action_spaces[agent]


class DuelBase(MatchEnv):
    """A duel, and what its agents get to see of it.

    Args:
        render_mode: None, `human` for a window or `rgb_array` for frames.
        options: see docs/api.md.
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "duel_v0", **MatchEnv.metadata}

    def __init__(self, render_mode: RenderMode | None, options: EnvOptions | Options) -> None:
        chosen = (
            options
            if isinstance(options, Options)
            else Options.for_env(options, beside=("render_mode",))
        )
        super().__init__(render_mode, chosen, AGENTS)
        self._match = Match.of(chosen)
        kind = self._options.action_space
        self._sizes = self._options.own_sizes if kind == "own" else (_core.NUM_ACTIONS,) * 2
        self._form = (
            _core.MASK_IN_OBS * (self._options.mask_in in ("obs", "both"))
            + _core.MASK_IN_INFO * (self._options.mask_in in ("info", "both"))
            + _core.FLAT * self._options.flatten
            + _core.NAMES_IN_INFO * (self._options.infos == "names")
        )
        self._is_vector = self._options.observation in VECTORS
        numbers = self._match.observe_present().size
        self._state_space = spaces.Box(-1.0, 1.0, (numbers,), np.float32)

    def _state(self) -> np.void:
        return self._match.state

    def _agent_spaces(self) -> dict[str, tuple[spaces.Space[Any], spaces.Space[Any]]]:
        return {agent: self._spaces(seat) for seat, agent in enumerate(AGENTS)}

    def _spaces(self, seat: int) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
        """Return fresh spaces of an agent's observations and actions."""
        options = self._options
        form = ObservationForm(
            seen_space(options),
            options.mask_sizes[seat],
            mask_in=options.mask_in,
            flatten=options.flatten,
        )
        return form.space(), action_space(options.action_space, self._sizes[seat])

    def _begin(self, seed: int | None, options: Mapping[str, Any] | None) -> None:
        """Reset the match."""
        seed = self._chosen_seed(seed)
        self._match.reset(seed, options)
        self._note_begun(seed)

    # ---- views of the agents ----

    def _seen(self) -> Any:
        """Return what both agents see where it is no vector, else None: the match writes those."""
        return None if self._is_vector else self._match.observations()

    def _seen_by(self, seat: int) -> Any:
        """Return what one agent sees where it is no vector, else None."""
        return None if self._is_vector else self._match.observe(seat)

    def _observation(self, seat: int) -> Observation:
        """Return a fresh observation of an agent."""
        duel = self._match.duel
        observation: Observation = duel.observation(seat, self._form, self._seen_by(seat))
        return observation

    def _info(self, seat: int) -> Info:
        """Return a fresh info of an agent."""
        return self._match.duel.info(seat, self._form)

    def state(self) -> NDArray[np.float32]:
        """Return a view of the whole match, float32: both agents' vectors of now in a row.

        Nothing is late or hidden in it, and no frames are stacked. With `pixels` and `text` the
        vectors are those of `full`.
        """
        self._require_begun()
        return self._match.observe_present().reshape(-1)

    def own_actions(self, agent: str) -> NDArray[np.int32]:
        """Return the actions that an agent owns in this match, as common ids 0..107.

        With `action_space="own"`, action k of the agent is the k-th of these.

        Raises:
            ValueError: if there is no such agent.
            MatchError: if no match has begun.
        """
        self._require_begun()
        return self._match.own_actions(agent)

    @property
    def state_space(self) -> spaces.Box:
        """Space of `state()`."""
        return self._state_space

    @property
    def match(self) -> Match:
        """The match that is being fought; tools may save, restore and look into it."""
        return self._match

    @property
    def max_cycles(self) -> int | None:
        """Steps after which a match is truncated; None for never."""
        return self._match.max_cycles

    @max_cycles.setter
    def max_cycles(self, max_cycles: int | None) -> None:
        self._match.max_cycles = max_cycles
