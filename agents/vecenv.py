"""Rollouts: the learner's rows against sampled opponents, many matches at once.

An opponent is drawn once an episode and stays until it ends. Opponents are inferred in batches, one
a member; scripted bots are played by the simulation. A row is one seat of one match: row = 2 *
match + seat.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cam_arena import _core, _training
from cam_arena.errors import SnapshotError, TrainingError
from cam_arena.game.observations import VECTORS
from cam_arena.game.options import Options
from cam_arena.game.rewards import REWARD_TERMS

from .learner import Samples, advantages
from .networks import Policy
from .population.members import BotMember, Member, Player, act_in_rows

__all__ = [
    "Backend",
    "Collector",
    "Matchmaker",
    "NativeBackend",
    "Pairing",
    "Result",
    "Rollout",
    "make_batch",
]


@dataclass(frozen=True)
class Pairing:
    """Who meets in one episode."""

    opponent: int | None
    """Index of a member; None: the learner plays both seats, and both train."""
    seat: int = 0
    """The learner's, 0 or 1; without meaning if it plays both."""
    characters: tuple[int, int] | None = None
    """Character of each seat; None: drawn from the env's options."""
    conditions: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    """What each seat's conditional policy is told besides; see `conditioning.py`."""


@dataclass(frozen=True)
class Result:
    """How an episode ended, seen from the learner's seat (from seat 0 if it played both)."""

    pairing: Pairing
    points: float
    """1 won, 0.5 drawn, 0 lost."""
    episode_return: float
    """Sum of the rewards, unscaled."""
    steps: int


class Matchmaker(Protocol):
    """Decides who meets, and learns how it went."""

    def draw(self, rng: np.random.Generator) -> Pairing:
        """Return the pairing of a new episode."""
        ...

    def report(self, result: Result) -> None:
        """Take note of a finished episode."""
        ...


class Backend(Protocol):
    """Many matches that step together. A finished match waits for `start`."""

    num_matches: int
    observation_size: int

    def start(
        self,
        match: int,
        seed: int,
        characters: tuple[int, int] | None,
        bots: tuple[BotMember | None, BotMember | None],
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
    ) -> None:
        """Begin an episode in one match and write its first observations into its row."""
        ...

    def step(
        self,
        actions: NDArray[np.int32],
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
        rewards: NDArray[np.float32],
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
    ) -> None:
        """Advance all matches one step and write into the arrays; flags are one a match."""
        ...

    def points(self, match: int) -> float:
        """Return how a finished match went for seat 0: 1 won, 0.5 drawn, 0 lost."""
        ...

    def snapshot(self) -> list[bytes]:
        """Return the state of every match; empty if this backend cannot tell."""
        ...

    def restore(self, snapshots: Sequence[bytes]) -> None:
        """Set the state of every match; raise SnapshotError, and change none, if one is damaged."""
        ...

    def close(self) -> None:
        """Release processes and memory; may be called twice."""
        ...


def make_batch(options: Options, num_matches: int) -> _core.Batch:
    """Return matches that members can play: they see one vector and choose one of 108 actions.

    Raises:
        ValueError: for options whose matches they cannot play.
    """
    if options.observation not in VECTORS:
        raise ValueError(
            f"the trainers' networks read vectors, not observation {options.observation!r}; take "
            f"one of {', '.join(VECTORS)}, or train on {options.observation!r} with a network of "
            "your own over cam_arena.make_vec"
        )
    if options.frame_stack != 1 or options.action_space != "discrete":
        raise ValueError(
            "the trainers' networks take frame_stack=1 and action_space='discrete', got "
            f"{options.frame_stack} and {options.action_space!r}"
        )
    return options.make_batch(num_matches)


class NativeBackend:
    """The simulation in this process; it writes observations straight into the rollout."""

    def __init__(self, num_matches: int, *, aggression: float = 0.0, **options: Any) -> None:
        """Create the matches.

        Args:
            num_matches: at least 1.
            aggression: share of the damage dealt that is rewarded once more. Above 0 the rewards
                no longer sum to zero: trading blows pays.
            **options: of the env, see `cam_arena.make_vec`; the observation is never stacked.

        Raises:
            ValueError: for an option that the trainers do not use.
        """
        chosen = Options.for_env(options)
        self.num_matches = num_matches
        self._batch = make_batch(chosen, num_matches)
        self.observation_size = self._batch.observation_size
        self._bonus = np.float32(aggression * chosen.reward_weights[0])
        self._terms = np.zeros((num_matches, 2, len(REWARD_TERMS)), np.float32)

    def start(
        self,
        match: int,
        seed: int,
        characters: tuple[int, int] | None,
        bots: tuple[BotMember | None, BotMember | None],
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
    ) -> None:
        """Begin an episode; see `Backend.start`."""
        for seat, bot in enumerate(bots):
            kind, level = bot.bot if bot else (0, 1)
            self._batch.set_bot(match, seat, kind, level)
        self._batch.reset(match, seed, None if characters is None else list(characters))
        self._batch.observe(observations, match, match + 1)
        self._batch.action_masks(masks, match, match + 1)

    def step(
        self,
        actions: NDArray[np.int32],
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
        rewards: NDArray[np.float32],
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
    ) -> None:
        """Advance all matches; see `Backend.step`."""
        self._batch.step(actions, observations, masks, rewards, terminated, truncated, None, 2)
        if self._bonus > 0:
            self._batch.rewards(rewards, self._terms)
            rewards -= self._bonus * np.minimum(self._terms[:, ::-1, 0], 0.0)

    def points(self, match: int) -> float:
        """Return the result for seat 0; see `Backend.points`."""
        state = np.frombuffer(self._batch.state(match), _core.DTYPES["state"])
        return {0: 1.0, 1: 0.0}.get(int(state["winner"][0]), 0.5)

    def snapshot(self) -> list[bytes]:
        """Return the state of every match."""
        return [self._batch.snapshot(match) for match in range(self.num_matches)]

    def restore(self, snapshots: Sequence[bytes]) -> None:
        """Set the state of every match.

        Raises:
            SnapshotError: if one cannot be a match of this backend; all are left as they were.
        """
        if len(snapshots) != self.num_matches:
            raise SnapshotError(
                f"there are snapshots of {len(snapshots)} matches; it must be {self.num_matches}"
            )
        before = self.snapshot()
        try:
            for match, snapshot in enumerate(snapshots):
                self._batch.restore(match, snapshot)
        except ValueError as error:
            for other, snapshot in enumerate(before):
                self._batch.restore(other, snapshot)
            raise SnapshotError(f"the snapshot of match {match} is damaged: {error}") from error

    def close(self) -> None:
        """Release nothing: there are no processes."""


@dataclass
class Rollout:
    """T steps of all rows; N = 2 * num_matches."""

    observations: NDArray[np.float32]  # (T + 1, M, 2, O)
    masks: NDArray[np.int8]  # (T + 1, M, 2, K)
    actions: NDArray[np.int32]  # (T, M, 2)
    log_probs: NDArray[np.float32]  # (T, N)
    values: NDArray[np.float32]  # (T, N)
    rewards: NDArray[np.float32]  # (T, N), scaled
    ends: NDArray[np.bool_]  # (T, N)
    trains: NDArray[np.bool_]  # (T, N): the learner's rows
    last_values: NDArray[np.float32]  # (N,)
    results: list[Result]

    def samples(self, *, gamma: float, gae_lambda: float) -> Samples:
        """Return what a learner needs; observations are views of this rollout."""
        advantage = advantages(
            self.rewards,
            self.values,
            self.ends,
            self.last_values,
            gamma=gamma,
            gae_lambda=gae_lambda,
        )
        steps, num_rows = self.values.shape
        rows = np.flatnonzero(self.trains)

        def flat(array: NDArray[Any]) -> Tensor:
            return torch.from_numpy(array[:steps].reshape(steps * num_rows, *array.shape[3:]))

        return Samples(
            flat(self.observations),
            flat(self.masks),
            flat(self.actions),
            torch.from_numpy(self.log_probs.reshape(-1)),
            torch.from_numpy(advantage.reshape(-1)),
            torch.from_numpy((advantage + self.values).reshape(-1)),
            rows,
            rows % num_rows // 2,
        )


def check_finite(name: str, array: NDArray[np.float32]) -> None:
    """Check that the numbers an env gave are finite.

    Raises:
        TrainingError: naming them, if one is not.
    """
    # A sum is not finite if a term is not, and is far quicker than a look at each.
    if not math.isfinite(array.sum()) and not np.isfinite(array).all():
        raise TrainingError(f"{name} hold a NaN or an infinity")


class Collector:
    """Plays the learner against whom a matchmaker names, and records the learner's rows."""

    def __init__(
        self,
        backend: Backend,
        matchmaker: Matchmaker,
        members: Callable[[int], Player],
        *,
        steps: int,
        rng: np.random.Generator,
        reward_scale: float = 1.0,
        gamma: float = 0.995,
        whole_matches: bool = False,
        announce: Callable[[int, Pairing], None] | None = None,
    ) -> None:
        """Start an episode in every match.

        Args:
            backend: steps the matches.
            matchmaker: decides who meets.
            members: the member of an index that a pairing names.
            steps: of a rollout.
            rng: the only source of randomness: seeds, pairings, actions.
            reward_scale: factor on the rewards that the learner sees.
            gamma: the learner's discount, for the value of truncated steps.
            whole_matches: whether every rollout begins all matches anew and holds one of each to
                its end, so that nothing but rewards is in a return. What is played of a next match
                meanwhile does not train, and `steps` must last for the longest.
            announce: told of a match and its pairing before every episode.
        """
        self._backend, self._matchmaker, self._members = backend, matchmaker, members
        self._rng, self._reward_scale, self._gamma = rng, reward_scale, gamma
        self._announce, self._whole_matches = announce, whole_matches
        matches, rows, size = backend.num_matches, 2 * backend.num_matches, backend.observation_size
        self._rollout = Rollout(
            np.zeros((steps + 1, matches, 2, size), np.float32),
            np.zeros((steps + 1, matches, 2, _core.NUM_ACTIONS), np.int8),
            np.zeros((steps, matches, 2), np.int32),
            np.zeros((steps, rows), np.float32),
            np.zeros((steps, rows), np.float32),
            np.zeros((steps, rows), np.float32),
            np.zeros((steps, rows), np.bool_),
            np.zeros((steps, rows), np.bool_),
            np.zeros(rows, np.float32),
            [],
        )
        self._pairings: list[Pairing] = [Pairing(None)] * matches
        self._returns = np.zeros((matches, 2))
        self._lengths = np.zeros(matches, np.int64)
        for match in range(matches):
            self._start(match, 0)
        self._seat_rows()

    @torch.inference_mode()
    def collect(
        self, policy: Callable[[Tensor], tuple[Tensor, Tensor]], baseline: Policy | None = None
    ) -> Rollout:
        """Play `steps` steps.

        Args:
            policy: the learner's: logits and values of observations.
            baseline: if given, its values stand in for the learner's.

        Returns:
            The rollout; the next call overwrites it.

        Raises:
            ValueError: if whole matches are asked for and one lasts longer than a rollout.
        """
        roll = self._rollout
        roll.results = []
        if self._whole_matches:
            for match in range(len(self._pairings)):
                self._start(match, 0)
            self._seat_rows()
        elif self._started:
            roll.observations[0], roll.masks[0] = roll.observations[-1], roll.masks[-1]
        self._started = True
        steps, num_rows = roll.values.shape
        terminated = np.zeros(num_rows // 2, np.bool_)
        truncated = np.zeros(num_rows // 2, np.bool_)
        over = np.zeros(num_rows // 2, np.bool_)  # of whole matches: those that have been played
        for t in range(steps):
            observations = roll.observations[t].reshape(num_rows, -1)
            masks = roll.masks[t].reshape(num_rows, -1)
            actions = roll.actions[t].reshape(-1)
            roll.trains[t] = self._trains & ~np.repeat(over, 2)
            self._act(policy, baseline, observations, masks, actions, t)
            for member, rows in self._opponent_rows:
                actions[rows] = act_in_rows(member, observations, masks, rows, rng=self._rng)
            rewards = roll.rewards[t].reshape(-1, 2)
            self._backend.step(
                roll.actions[t],
                roll.observations[t + 1],
                roll.masks[t + 1],
                rewards,
                terminated,
                truncated,
            )
            check_finite("observations", roll.observations[t + 1])
            check_finite("rewards", rewards)
            self._returns += rewards
            self._lengths += 1
            rewards *= self._reward_scale
            ended = terminated | truncated
            roll.ends[t].reshape(-1, 2)[:] = ended[:, None]
            if ended.any():
                self._finish(policy, baseline, t, ended, truncated & ~terminated, over)
            if self._whole_matches:
                over |= ended
                if over.all():
                    roll.trains[t + 1 :] = False
                    roll.last_values[:] = 0
                    return roll
        if self._whole_matches:
            raise ValueError(f"a match lasts longer than {steps} steps; a rollout must hold it")
        last = torch.from_numpy(roll.observations[steps].reshape(num_rows, -1))
        roll.last_values[:] = (baseline or policy)(last)[1].float().numpy()
        return roll

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return tensors and JSON from which `restore` continues, exactly if the backend can."""
        snapshots = self._backend.snapshot()
        roll = self._rollout
        at = -1 if self._started else 0
        tensors = {
            "matches": torch.from_numpy(
                np.array([np.frombuffer(snapshot, np.uint8) for snapshot in snapshots], np.uint8)
            ),
            "observations": torch.from_numpy(roll.observations[at].copy()),
            "masks": torch.from_numpy(roll.masks[at].copy()),
            "returns": torch.from_numpy(self._returns.copy()),
            "lengths": torch.from_numpy(self._lengths.copy()),
        }
        pairings = [[p.opponent, p.seat, p.characters, p.conditions] for p in self._pairings]
        return tensors, {"pairings": pairings, "rng": self._rng.bit_generator.state}

    def restore(self, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Continue from what `state` returned; matches that could not be saved begin anew."""
        self._rng.bit_generator.state = state["rng"]
        if not len(tensors["matches"]):
            return
        self._backend.restore([row.tobytes() for row in tensors["matches"].numpy()])
        roll = self._rollout
        roll.observations[0], roll.masks[0] = (
            tensors["observations"].numpy(),
            tensors["masks"].numpy(),
        )
        self._returns[:], self._lengths[:] = tensors["returns"].numpy(), tensors["lengths"].numpy()
        self._pairings = [_pairing(*row) for row in state["pairings"]]
        if len(self._pairings) != self._backend.num_matches:
            raise ValueError(f"there are pairings of {len(self._pairings)} matches")
        for pairing in self._pairings:
            if pairing.opponent is not None:
                self._members(pairing.opponent)  # which raises if there is none
        self._started = False
        self._seat_rows()

    _started = False  # whether the last row of the rollout is where the matches stand

    def _act(
        self,
        policy: Callable[[Tensor], tuple[Tensor, Tensor]],
        baseline: Policy | None,
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
        actions: NDArray[np.int32],
        t: int,
    ) -> None:
        """Let the learner act on its rows and note log-probabilities and values."""
        rows = self._learner_rows
        if len(rows) < len(observations):
            observations, masks = observations[rows], masks[rows]
        tensor = torch.from_numpy(observations)
        logits, values = policy(tensor)
        if baseline is not None:
            values = baseline(tensor)[1]
        chosen, log_probs = np.empty(len(rows), np.int32), np.empty(len(rows), np.float32)
        uniforms = self._rng.random(len(rows), np.float32)
        _training.sample_actions(logits.float().numpy(), masks, uniforms, chosen, log_probs)
        actions[rows] = chosen
        self._rollout.log_probs[t, rows] = log_probs
        self._rollout.values[t, rows] = values.float().numpy()

    def _finish(
        self,
        policy: Callable[[Tensor], tuple[Tensor, Tensor]],
        baseline: Policy | None,
        t: int,
        ended: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
        over: NDArray[np.bool_],
    ) -> None:
        """Report the matches that ended at step t and start the next ones in their place.

        Matches that are over already do not count: short ones would be seen more often.
        """
        roll = self._rollout
        if truncated.any():
            # A match cut off from outside would have gone on: its last reward carries the value of
            # what it showed.
            final = np.ascontiguousarray(roll.observations[t + 1][truncated]).reshape(
                -1, roll.observations.shape[-1]
            )
            values = (baseline or policy)(torch.from_numpy(final))[1].float().numpy()
            roll.rewards[t].reshape(-1, 2)[truncated] += self._gamma * values.reshape(-1, 2)
        for match in np.flatnonzero(ended).tolist():
            pairing = self._pairings[match]
            seat = 0 if pairing.opponent is None else pairing.seat
            points = self._backend.points(match)
            result = Result(
                pairing,
                points if seat == 0 else 1 - points,
                float(self._returns[match, seat]),
                int(self._lengths[match]),
            )
            if not over[match]:
                roll.results.append(result)
                self._matchmaker.report(result)
            self._start(match, t + 1)
        self._seat_rows()

    def _start(self, match: int, t: int) -> None:
        """Draw a pairing and begin its episode; the first observations are written at step t."""
        pairing = self._pairings[match] = self._matchmaker.draw(self._rng)
        if self._announce is not None:
            self._announce(match, pairing)
        bots: list[BotMember | None] = [None, None]
        if pairing.opponent is not None:
            member = self._members(pairing.opponent)
            if isinstance(member, BotMember):
                bots[1 - pairing.seat] = member
        roll = self._rollout
        seed = int(self._rng.integers(2**63))
        self._backend.start(
            match, seed, pairing.characters, (bots[0], bots[1]), roll.observations[t], roll.masks[t]
        )
        self._returns[match], self._lengths[match] = 0, 0

    def _seat_rows(self) -> None:
        """Sort the rows by who plays them."""
        owner: dict[object, list[int]] = {}
        members: dict[object, Member] = {}
        trains = np.ones(2 * len(self._pairings), np.bool_)
        for match, pairing in enumerate(self._pairings):
            if pairing.opponent is None:
                continue
            row = 2 * match + 1 - pairing.seat
            trains[row] = False
            member = self._members(pairing.opponent)
            if isinstance(member, BotMember):
                continue
            # Members that share a network (one policy as many characters) are inferred in one
            # batch.
            key = id(getattr(member, "policy", member))
            owner.setdefault(key, []).append(row)
            members[key] = member
        self._trains = trains
        self._learner_rows = np.flatnonzero(trains)
        self._opponent_rows = [(members[key], np.array(rows)) for key, rows in owner.items()]


def _pairing(
    opponent: int | None,
    seat: int,
    characters: Sequence[int] | None,
    conditions: Sequence[Sequence[float]] | None = None,
) -> Pairing:
    """Return a pairing from JSON, which has turned its tuples into lists."""
    if seat not in (0, 1) or (opponent is not None and opponent < 0):
        raise ValueError(f"no pairing has seat {seat} and opponent {opponent}")
    return Pairing(
        opponent,
        seat,
        None if characters is None else (characters[0], characters[1]),
        None if conditions is None else (tuple(conditions[0]), tuple(conditions[1])),
    )
