"""Teams as a PettingZoo parallel env, and what all envs of teams share."""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Unpack, cast

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from .. import _core
from ..errors import MatchError
from ..game.actions import Action, action_space, parse_action
from ..game.observations import VECTORS, Observation, ObservationForm
from ..game.options import TICKS_PER_SECOND, EnvOptions, ResetChoice, check_seed
from ..game.rewards import REWARD_TERMS
from ..game.squads import SquadOptions, squad_options
from ..game.views import seen_space, stacked
from ..opponents import Opponent, OpponentWord
from .base import RENDER_MODES, Info, RenderMode
from .matches import Matches, Plan, RowArrays
from .parallel import Results
from .single import seat_opponents
from .turns import broken_off

if TYPE_CHECKING:
    from ..render.viewer import Viewer

__all__ = ["SquadBase", "SquadParallelEnv", "seat_teams"]

_DISABLED: Final = 2  # of autoreset, as `_core.Rows` takes it: a match that is over stays
_PARAMETERS: Final = ("team_size", "enemy_size", "opponent", "map", "render_mode")

Opponents = OpponentWord | Sequence[OpponentWord]


def seat_teams(
    given: Mapping[str, Any],
    *,
    team_size: int | None,
    enemy_size: int | None,
    opponent: Opponents | None,
    map_name: str | None,
    usual: str | None = None,
    beside: Sequence[str] = _PARAMETERS,
) -> tuple[SquadOptions, tuple[int, ...], tuple[Opponent, ...]]:
    """Return the options of matches between teams, the seats that have agents, and who plays red.

    Raises:
        As `cam_arena.game.squads.squad_options` and `cam_arena.opponents.resolve` do.
    """
    options, of_map = squad_options(
        given, team_size=team_size, enemy_size=enemy_size, map_name=map_name, beside=beside
    )
    opponent = next((word for word in (opponent, of_map, usual) if word is not None), None)
    if opponent is None:
        return options, tuple(range(sum(options.sizes))), ()
    opponents, chosen = seat_opponents(opponent, options)
    return cast(SquadOptions, chosen), tuple(range(options.team_size)), opponents


class SquadBase:
    """A match between teams, and what its agents get to see of it.

    The arguments are those of `SquadParallelEnv`.
    """

    usual_opponent: ClassVar[str | None] = None
    """Who plays red where neither the arguments nor the map say so."""

    metadata: ClassVar[dict[str, Any]] = {
        "name": "squad_v0",
        "render_modes": list(RENDER_MODES),
        "render_fps": 10,
        "is_parallelizable": True,
    }

    def __init__(
        self,
        team_size: int | None = None,
        enemy_size: int | None = None,
        opponent: Opponents | None = None,
        map: str | None = None,
        *,
        render_mode: RenderMode | None = None,
        **options: Unpack[EnvOptions],
    ) -> None:
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise ValueError(
                f"render_mode must be None, 'human' or 'rgb_array', got {render_mode!r}"
            )
        self.render_mode: str | None = render_mode
        chosen, seats, opponents = seat_teams(
            options, team_size=team_size, enemy_size=enemy_size, opponent=opponent,
            map_name=map, usual=self.usual_opponent,
        )  # fmt: skip
        self._options = chosen
        self._plan = Plan(chosen, 1, seats, opponents, _DISABLED, 0)
        self._matches = Matches(self._plan, RowArrays.new(self._plan))
        fps = round(TICKS_PER_SECOND / chosen.frame_skip)
        self.metadata = {**type(self).metadata, "render_fps": fps}  # type: ignore[misc]
        self.possible_agents = [chosen.names[seat] for seat in seats]
        self.agents: list[str] = []
        form = ObservationForm(
            seen_space(chosen),
            self._plan.mask_size,
            mask_in=chosen.mask_in,
            flatten=chosen.flatten,
        )
        self._form = form
        kind, size = chosen.action_space, self._plan.mask_size
        self.observation_spaces = {agent: form.space() for agent in self.possible_agents}
        self.action_spaces = {agent: action_space(kind, size) for agent in self.possible_agents}
        squad = _core.observation_size(_core.OBSERVATIONS["squad"])
        self.state_space = spaces.Box(-1.0, 1.0, (squad,), np.float32)
        self._seed = 0
        self._has_begun = self._is_closed = False
        self._failure = "the env is closed; make a new one"
        self._viewer: Viewer | None = None
        self.np_random = np.random.default_rng()

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """Return an agent's observation space, the same object every time."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """Return an agent's action space, the same object every time."""
        return self.action_spaces[agent]

    # ---- time ----

    def _begin(self, seed: int | None, options: Mapping[str, Any] | None) -> None:
        self._require_open()
        if seed is not None:
            seed = check_seed(seed)
        elif self._has_begun:
            seed = _core.next_seed(self._seed)
        else:
            seed = int.from_bytes(os.urandom(7), "little")
        choice = ResetChoice.parse(options, self._options)
        choice.require_fit(self._options, [seed], self._plan.sizes)
        self._change(self._matches.begin, np.ones(1, np.bool_), [seed], choice)
        self._seed, self._has_begun = seed, True
        self.np_random = np.random.default_rng(seed)
        self.agents = self.possible_agents[:]

    def _parse(self, action: object, row: int) -> int:
        """Return the common id of an agent's action."""
        kind = self._options.action_space
        own = self._matches.arrays.own[0, row] if kind == "own" else None
        return parse_action(action, self.possible_agents[row], kind, own)

    def _advance(self, ids: Sequence[int]) -> None:
        """Step by an id for every agent."""
        actions = self._matches.arrays.actions
        actions[0, list(self._plan.seats)] = ids
        self._matches.answer()
        self._change(self._matches.step)

    def _change(self, change: Any, *arguments: Any) -> None:
        """Make a change that closes the env if it is broken off."""
        try:
            change(*arguments)
        except BaseException as error:
            self._failure = broken_off(error)
            self.close()
            raise

    def _require_open(self) -> None:
        if self._is_closed:
            raise MatchError(self._failure)

    def _require_begun(self) -> None:
        self._require_open()
        if not self._has_begun:
            raise MatchError("the env has not begun; call reset() first")

    # ---- views of the agents ----

    def _observation(self, row: int) -> Observation:
        """Return a fresh observation of an agent."""
        arrays = self._matches.arrays
        frames = arrays.frames[0, row : row + 1]
        if self._options.observation in VECTORS:
            seen: Any = frames[0].copy()
        else:
            seen = stacked(frames)[0]
            seen = seen.copy() if isinstance(seen, np.ndarray) else seen
        return self._form.dress(seen, arrays.masks[0, row].copy())

    def _info(self, row: int) -> Info:
        """Return a fresh info of an agent, with its own terms beside its side's reward."""
        arrays = self._matches.arrays
        terms = arrays.terms[0, row].tolist()
        info: Info = {
            "character_id": int(arrays.characters[0, row]),
            "illegal_action": int(arrays.illegal[0, row]),
            "meaningful": bool(arrays.meaningful[0, row]),
            **{f"reward_{name}": term for name, term in zip(REWARD_TERMS, terms, strict=True)},
        }
        if self._options.mask_in in ("info", "both"):
            info["action_mask"] = arrays.masks[0, row].copy()
        if self._options.infos == "names":
            info["character"] = self._options.loaded_roster.names[info["character_id"]]
            info["reward_terms"] = dict(zip(REWARD_TERMS, terms, strict=True))
        return info

    @property
    def _is_over(self) -> bool:
        arrays = self._matches.arrays
        return bool(arrays.terminated[0, 0] or arrays.truncated[0, 0])

    def state(self) -> NDArray[np.float32]:
        """Return a view of the whole match, float32: what `blue_0` sees in the preset `squad`.

        Nothing is late or hidden in it, whatever the agents see.
        """
        self._require_begun()
        out = np.empty((1, *self.state_space.shape), np.float32)
        self._matches.batch.observe_seat(0, _core.OBSERVATIONS["squad"], out, present=True)
        seen: NDArray[np.float32] = out[0]
        return seen

    def own_actions(self, agent: str) -> NDArray[np.int32]:
        """Return the actions that an agent owns in this match, as common ids 0..107.

        Raises:
            ValueError: if there is no such agent.
            MatchError: if no match has begun.
        """
        self._require_begun()
        if agent not in self.possible_agents:
            names = ", ".join(self.possible_agents)
            raise ValueError(f"there is no agent {agent!r}; agents are {names}")
        seat = self._options.names.index(agent)
        return self._matches.own_actions(0, seat)

    @property
    def match_state(self) -> np.void:
        """The whole state as a numpy record: a read-only copy."""
        self._require_begun()
        dtype = _core.state_dtype(self._plan.num_fighters)
        record: np.void = np.frombuffer(self._matches.state(0), dtype)[0]
        return record

    @property
    def winner(self) -> str | None:
        """`blue`, `red` or `draw`; None while nobody has won."""
        return {0: "blue", 1: "red", 2: "draw"}.get(int(self.match_state["winner"]))

    def hash(self) -> int:
        """Return a 64-bit hash of the state; equal states have equal hashes."""
        self._require_begun()
        return int(self._matches.hashes()[0])

    @property
    def max_cycles(self) -> int | None:
        """Steps after which a match is truncated; None for never."""
        return self._options.max_cycles

    @max_cycles.setter
    def max_cycles(self, max_cycles: int | None) -> None:
        options = dataclasses.replace(self._options, max_cycles=max_cycles)
        self._matches.set_max_cycles(options.max_cycles)
        self._options = options

    # ---- rendering ----

    def render(self) -> NDArray[np.uint8] | None:
        """Draw the match: return a frame with `rgb_array`, show it with `human`.

        Blue's fighters stand on rings of one colour and red's on those of another.

        Raises:
            MatchError: if there is nothing to draw or the env has no render mode.
        """
        self._require_begun()
        if self.render_mode is None:
            raise MatchError("render() needs an env made with render_mode='rgb_array' or 'human'")
        if self._viewer is None:
            from ..render.viewer import Viewer

            fps = self.metadata["render_fps"]
            roster = self._options.loaded_roster
            self._viewer = Viewer(cast(RenderMode, self.render_mode), roster, fps=fps)
        frame = self._viewer.draw(self.match_state, self._options.names)
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


class SquadParallelEnv(SquadBase, ParallelEnv):  # type: ignore[misc]  # pettingzoo has no types
    """Teams as a PettingZoo parallel env, for agents `blue_0`.. and `red_0`...

    A side has won when nobody of the other stands; when time is up, the larger mean of the HP that
    a side's fighters have left wins. All agents of a side get the same reward, the mean of its
    fighters' terms minus the other side's; `info` has each fighter's own terms. A beaten fighter
    stays an agent to the end of the match, with nothing but idle to do. With an opponent, only
    blue has agents.

    Args:
        team_size: fighters of blue, 1..5; without a map 3 by default.
        enemy_size: fighters of red; as many as blue by default.
        opponent: None, or who plays red: whatever `cam_arena.make_vec` takes, for every fighter.
        map: a named set of sizes, characters and sometimes an opponent; see `cam_arena.squad_v0`.
        render_mode: None, `human` for a window or `rgb_array` for frames.
        options: those of every env; `observation` is `squad` by default.
    """

    def reset(
        self, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, Info]]:
        """Begin a match and return observations and infos by agent.

        Args:
            seed: 0..2**64 - 1, or None for a match that follows from the last one.
            options: `characters`, `scrolls`, `companions` of this match: one for all fighters, or
                a pair for blue and red, each one for all or a list.

        Raises:
            ValueError: if the seed or an option is not allowed.
            TypeError: if one has the wrong type.
            MatchError: if the env is closed.
        """
        self._begin(seed, options)
        self._show()
        return self._views()

    def step(self, actions: Mapping[str, Action]) -> Results:
        """Take all agents' actions; return observations, rewards, two kinds of flags and infos.

        Raises:
            ValueError: if an action is missing, unknown, out of range or of the wrong shape.
            TypeError: if an action is not an integer.
            MatchError: if there is no match to step. A step with no actions after the end is
                allowed and returns empty dicts.
        """
        self._require_begun()
        if not self.agents:
            if not actions:
                return {}, {}, {}, {}, {}
            raise MatchError("the match is over and env.agents is empty; call reset()")
        self._advance(self._parse_all(actions))
        observations, infos = self._views()
        arrays, agents = self._matches.arrays, self.possible_agents
        rewards = dict(zip(agents, arrays.rewards[0].tolist(), strict=True))
        terminated = dict(zip(agents, arrays.terminated[0].tolist(), strict=True))
        truncated = dict(zip(agents, arrays.truncated[0].tolist(), strict=True))
        if self._is_over:
            self.agents = []
        self._show()
        return observations, rewards, terminated, truncated, infos

    def _parse_all(self, actions: Mapping[str, Action]) -> list[int]:
        if not isinstance(actions, Mapping):
            raise TypeError(f"actions must be a dict by agent, got {actions!r}")
        for agent in actions:
            if agent not in self.possible_agents:
                names = ", ".join(self.possible_agents)
                raise ValueError(f"there is no agent {agent!r}; agents are {names}")
        for agent in self.possible_agents:
            if agent not in actions:
                raise ValueError(f"the action of {agent} is missing")
        return [self._parse(actions[agent], row) for row, agent in enumerate(self.possible_agents)]

    def _views(self) -> tuple[dict[str, Observation], dict[str, Info]]:
        agents = self.possible_agents
        return (
            {agent: self._observation(row) for row, agent in enumerate(agents)},
            {agent: self._info(row) for row, agent in enumerate(agents)},
        )
