"""Teams as a PettingZoo parallel env, and what all envs of teams share."""

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Self, Unpack, cast

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from .. import _core
from ..errors import MatchError
from ..game.actions import Action, action_space, parse_action
from ..game.observations import VECTORS, Observation, ObservationForm
from ..game.options import ResetChoice
from ..game.rewards import REWARD_TERMS
from ..game.snapshots import make_header, seal, unseal
from ..game.squads import SquadEnvOptions, SquadOptions, squad_options
from ..game.views import seen_space, stacked
from ..opponents import Opponent, OpponentWord
from .base import AgentEnv, Info, RenderMode
from .matches import Matches, Plan, RowArrays
from .parallel import Results
from .single import seat_opponents

__all__ = ["SquadBase", "SquadParallelEnv", "seat_teams"]

_DISABLED: Final = 2  # of autoreset, as `_core.Rows` takes it: a match that is over stays
_PARAMETERS: Final = ("team_size", "enemy_size", "opponent", "map", "render_mode")

_LEARN: Final = "learn"  # in an opponent's place: red has agents, whatever the map says

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
        ValueError: if red is to learn where `usual` says that nobody can.
        As `cam_arena.game.squads.squad_options` and `cam_arena.opponents.resolve` do.
    """
    options, of_map = squad_options(
        given, team_size=team_size, enemy_size=enemy_size, map_name=map_name, beside=beside
    )
    opponent = next((word for word in (opponent, of_map, usual) if word is not None), None)
    is_learning = isinstance(opponent, str) and opponent == _LEARN
    if is_learning and usual is not None:
        raise ValueError(
            f"opponent must be who plays red, got {_LEARN!r}: one controller plays blue alone; "
            "with squad_v0.parallel_env both teams learn"
        )
    if opponent is None or is_learning:
        return options, tuple(range(sum(options.sizes))), ()
    opponents, chosen = seat_opponents(opponent, options)
    return cast(SquadOptions, chosen), tuple(range(options.team_size)), opponents


class SquadBase(AgentEnv):
    """A match between teams, and what its agents get to see of it.

    The arguments are those of `SquadParallelEnv`.
    """

    usual_opponent: ClassVar[str | None] = None
    """Who plays red where neither the arguments nor the map say so."""

    metadata: ClassVar[dict[str, Any]] = {"name": "squad_v0", **AgentEnv.metadata}

    def __init__(
        self,
        team_size: int | None = None,
        enemy_size: int | None = None,
        opponent: Opponents | None = None,
        map: str | None = None,
        *,
        render_mode: RenderMode | None = None,
        **options: Unpack[SquadEnvOptions],
    ) -> None:
        chosen, seats, opponents = seat_teams(
            options, team_size=team_size, enemy_size=enemy_size, opponent=opponent,
            map_name=map, usual=self.usual_opponent,
        )  # fmt: skip
        super().__init__(render_mode, chosen, chosen.names)
        self._plan = Plan(chosen, 1, seats, opponents, _DISABLED, 0)
        self._matches = Matches(self._plan, RowArrays.new(self._plan))
        self._form = ObservationForm(
            seen_space(chosen),
            self._plan.mask_size,
            mask_in=chosen.mask_in,
            flatten=chosen.flatten,
        )
        kind, size = chosen.action_space, self._plan.mask_size
        agents = [chosen.names[seat] for seat in seats]
        self._set_agents(
            {agent: (self._form.space(), action_space(kind, size)) for agent in agents}
        )
        squad = _core.observation_size(_core.OBSERVATIONS["squad"])
        self.state_space = spaces.Box(-1.0, 1.0, (squad,), np.float32)
        batch = self._matches.batch
        shape = self._matches.arrays.frames.shape[3:] or (batch.observation_size,)
        self._header = make_header(chosen, agents, batch.state_size, shape)

    # ---- time ----

    def _begin(self, seed: int | None, options: Mapping[str, Any] | None) -> None:
        chosen = self._chosen_seed(seed)
        choice = ResetChoice.parse(options, self._options)
        choice.require_fit(self._options, [chosen], self._plan.sizes)
        try:
            self._matches.begin(np.ones(1, np.bool_), [chosen], choice)
        except BaseException as error:
            self._fail(error)
            raise
        self._note_begun(chosen)
        self.agents = self.possible_agents[:]

    def _parse(self, action: object, row: int) -> int:
        """Return the common id of an agent's action."""
        kind = self._options.action_space
        own = self._matches.arrays.own[0, row] if kind == "own" else None
        return parse_action(action, self.possible_agents[row], kind, own)

    def _take(self, ids: list[int]) -> None:
        """Take an id for every agent, and let opponents choose theirs."""
        self._matches.arrays.actions[0, list(self._plan.seats)] = ids
        try:
            self._matches.answer()
        except BaseException as error:
            if not isinstance(error, Exception):  # else an opponent's action was refused
                self._fail(error)
            raise

    def _advance(self) -> list[float]:
        """Step by what was taken, and return each agent's reward."""
        self._matches.step()
        rewards: list[float] = self._matches.arrays.rewards[0].tolist()
        return rewards

    def _flags(self) -> tuple[bool, bool]:
        arrays = self._matches.arrays
        return bool(arrays.terminated[0, 0]), bool(arrays.truncated[0, 0])

    def _play(self, ids: list[int]) -> list[float]:
        """Take an id for every agent and step."""
        self._take(ids)
        try:
            return self._advance()
        except BaseException as error:
            self._fail(error)
            raise

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
        return self._matches.own_actions(0, self._plan.seats[self._row_of(agent)])

    def _state(self) -> np.void:
        dtype = _core.state_dtype(self._plan.num_fighters)
        record: np.void = np.frombuffer(self._matches.state(0), dtype)[0]
        return record

    @property
    def match_state(self) -> np.void:
        """The whole state as a numpy record: a read-only copy."""
        self._require_begun()
        return self._state()

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

    # ---- saving and copying ----

    def snapshot(self) -> bytes:
        """Return all that the match's future depends on, but for what a policy remembers.

        The header names the engine's version, the roster and the agents; `restore` refuses others.
        """
        self._require_begun()
        return seal(self._header, self._matches.snapshot(0))

    def restore(self, snapshot: bytes) -> None:
        """Go back to a snapshot, of this env or another with the same agents and roster.

        With `frame_stack` above 1 it holds what was seen before, and `frame_stack`, `observation`,
        `pixels` and `information` must be the same too. An opponent that is a policy with a memory
        keeps what it remembers.

        Raises:
            SnapshotError: if it is damaged or comes from something else; names what differs. The
                env is left as it was.
            MatchError: if the env is closed.
        """
        self._require_open()
        self._matches.restore(0, unseal(self._header, snapshot))
        self._note_begun(int(self._state()["seed"]))
        self.agents = [] if any(self._flags()) else self.possible_agents[:]

    def clone(self) -> Self:
        """Return an independent copy that goes on from this moment; it draws nothing yet."""
        return copy.deepcopy(self)


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
        opponent: who plays red: whatever `cam_arena.make_vec` takes, for every fighter. None is the
            map's, or without one nobody: then red has agents, as with `learn` on any map.
        map: a named set of sizes, characters and sometimes an opponent; see `cam_arena.squad_v0`.
        render_mode: None, `human` for a window or `rgb_array` for frames.
        options: those of every env; `observation` is `squad` by default, and `mirrored` gives
            both sides the same characters.
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
        agents = self.possible_agents
        rewards = dict(zip(agents, self._play(self._parse_all(actions)), strict=True))
        observations, infos = self._views()
        terminated, truncated = self._flags()
        if terminated or truncated:
            self.agents = []
        self._show()
        return (
            observations,
            rewards,
            dict.fromkeys(agents, terminated),
            dict.fromkeys(agents, truncated),
            infos,
        )

    def _parse_all(self, actions: Mapping[str, Action]) -> list[int]:
        if not isinstance(actions, Mapping):
            raise TypeError(f"actions must be a dict by agent, got {actions!r}")
        for agent in actions:
            self._row_of(agent)
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
