"""The compiled simulation: matches in a batch. No rules live here; they are C, under csrc/."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

NUM_ACTIONS: Final[int]
NUM_BUTTONS: Final[int]
NUM_DIRECTIONS: Final[int]
NUM_EFFECTS: Final[int]
DESCRIPTOR_SIZE: Final[int]
PROFILE_SIZE: Final[int]
MAX_SEE_DELAY: Final[int]  # ticks
MAX_ACT_DELAY: Final[int]  # ticks
SCRIPT_LENGTH: Final[int]
OBSERVATIONS: Final[dict[str, int]]  # preset name -> code
BOTS: Final[dict[str, int]]  # bot name -> code
MAX_BOT_LEVELS: Final[dict[str, int]]  # bot name -> its highest level
# rules, character, move, hit, op, entity_type, entity, fighter, state (of a duel),
# game and result (of a tournament)
DTYPES: Final[dict[str, np.dtype[Any]]]

def state_dtype(num_fighters: int) -> np.dtype[Any]:
    """The dtype of a match of `num_fighters` fighters."""

def field_table(record: str) -> list[tuple[str, str, int, str]]:
    """Rows (name, type code, length, unit) of a C struct."""

def observation_table(preset: int) -> list[tuple[str, str, int, str]]:
    """Rows (module, name, size, meaning) of an observation preset, in order."""

def observation_size(preset: int) -> int: ...
def next_seed(seed: int) -> int:
    """The seed of the match after one with `seed`, where nobody gives one."""

def signature(
    data: Data,
    num_matches: int,
    num_ticks: int,
    sizes: Sequence[int] = (1, 1),
    *,
    views: bool = False,  # of what late fighters see to whom much is hidden, not of the states
) -> int:
    """One number for what the simulation does: every state of fixed matches, hashed."""

class Data:
    """What all matches share: the compiled rules and roster. Immutable."""

    def __init__(
        self,
        rules: NDArray[Any],  # DTYPES["rules"], shape ()
        characters: NDArray[Any],  # DTYPES["character"], shape (C,)
        moves: NDArray[Any],
        hits: NDArray[Any],
        ops: NDArray[Any],
        entity_types: NDArray[Any],
        scrolls: NDArray[np.int16],  # index of a move by scroll
        companions: NDArray[np.int16],  # index of a move by companion
        descriptors: NDArray[np.float32],  # (C, DESCRIPTOR_SIZE)
        profiles: NDArray[np.float32],  # (C, PROFILE_SIZE)
    ) -> None: ...
    capsule: object  # the C struct, for the package's other compiled modules, while this lives
    num_characters: int
    num_scrolls: int
    num_companions: int

    # DTYPES["shape"], (states, num_fighters): what fighters show of the last tick, as CamShape
    def shapes(self, states: bytes, num_fighters: int = 2) -> NDArray[Any]: ...

class Batch:
    """`num_matches` fights that share `data` and step together.

    Every match takes `frame_skip` ticks a step. A seat is a fighter's index. Slices [start, stop)
    of one batch may be stepped by several threads as long as they do not overlap; overlapping calls
    raise RuntimeError. So do calls that read a match which is being stepped, and settings of all
    matches while any is.
    """

    # read-only
    data: Data
    num_matches: int
    num_fighters: int
    sizes: tuple[int, int]
    state_size: int  # bytes
    frame_skip: int
    max_ticks: int
    max_steps: int
    observation: int
    observation_size: int
    def __init__(
        self,
        data: Data,
        num_matches: int,
        *,
        sizes: Sequence[int] = (1, 1),  # fighters of either side, 1..5; side 0 has the first seats
        frame_skip: int = 3,
        max_ticks: int = 1800,
        max_steps: int = 0,  # steps after which a match is truncated; 0 for never
        observation: int = 0,
        reward_weights: tuple[float, ...] = (10, 10, 5, 5, 0),  # see REWARD_TERMS
        factored: bool = False,  # a direction that the button does not read is dropped, not illegal
        pools: list[NDArray[np.int32]] | None = None,  # characters each seat draws from; None: any
        trio: bool = False,  # three companions instead of one
        public: bool = False,  # what opponents would not show is hidden from observations
        # one a seat: delays of seeing and acting (ticks), their jitters (ticks), the share of
        # decisions lost, and whether a fighter sees itself late too; None: no latency
        latency: Sequence[tuple[int, int, int, int, float, bool]] | None = None,
        mirrored: bool = False,  # the k-th of side 1 draws whom the k-th of side 0 does
    ) -> None: ...
    def set_pool(self, seat: int, characters: NDArray[np.int32]) -> None: ...
    def set_bot(self, match: int, seat: int, kind: int, level: int) -> None:
        """Let a bot play a seat from the match's next reset on; kind 0 gives it back.

        The actions given for its seat are then ignored.
        """

    def set_script(self, match: int, seat: int, entries: ArrayLike | None) -> None:
        """Give a seat the script that it plays as the bot openloop, at once and after every reset.

        Args:
            match: 0..num_matches - 1.
            seat: 0..num_fighters - 1.
            entries: integers, shape (1..64, 3): direction, button and the ticks both are held; the
                script starts again when it is through. None: one is drawn from the seed at the
                next reset.

        Raises:
            ValueError: if the script has another shape or leaves these ranges.
        """

    def set_max_steps(self, max_steps: int) -> None: ...
    def reset(
        self,
        match: int,
        seed: int,
        characters: list[int] | None = None,  # one per seat, -1: drawn by the seed from its pool
        scrolls: list[int] | None = None,  # one per seat, -1: the character's own
        companions: list[list[int]] | None = None,  # three per seat, -1: its own, -2: none
    ) -> None: ...
    def advance(self, actions: NDArray[np.int32], start: int = 0, stop: int = -1) -> None:
        """One step of every match in the slice.

        actions: shape (num_matches, num_fighters), ids; one out of range is illegal.
        """

    def observe(self, out: NDArray[np.float32], start: int = 0, stop: int = -1) -> None:
        """out: shape (num_matches, num_fighters, observation_size)."""

    def observe_seat(
        self, seat: int, observation: int, out: NDArray[np.float32], present: bool = False
    ) -> None:
        """What one seat sees of every match, in any preset; `present`: nothing late or hidden.

        out: shape (num_matches, observation_size(observation)).
        """

    def observe_present(self, out: NDArray[np.float32], start: int = 0, stop: int = -1) -> None:
        """As `observe`, without latency and with nothing hidden."""

    def action_masks(self, out: NDArray[np.int8], start: int = 0, stop: int = -1) -> None:
        """out: shape (num_matches, num_fighters, NUM_ACTIONS)."""

    def static_masks(self, out: NDArray[np.int8], start: int = 0, stop: int = -1) -> None: ...
    def rewards(
        self,
        rewards: NDArray[np.float32],
        terms: NDArray[np.float32],
        start: int = 0,
        stop: int = -1,
    ) -> None:
        """Of the last step.

        rewards: (num_matches, num_fighters); terms: (num_matches, num_fighters, 4), the fighter's
        own, not weighted.
        """

    def illegal_actions(self, out: NDArray[np.int32], start: int = 0, stop: int = -1) -> None:
        """out: shape (num_matches, num_fighters): refused actions since the match began."""

    def last_buttons(self, out: NDArray[np.uint8], start: int = 0, stop: int = -1) -> None:
        """out: shape (num_matches, num_fighters): the button whose move started last, or 0."""

    def flags(
        self,
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
        start: int = 0,
        stop: int = -1,
    ) -> None:
        """Each of shape (num_matches,)."""

    def step(
        self,
        actions: NDArray[np.int32],
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
        rewards: NDArray[np.float32],
        terminated: NDArray[np.bool_],  # (num_matches,)
        truncated: NDArray[np.bool_],  # (num_matches,)
        # as observations; written where a match ended, with same-step autoreset only
        final_observations: NDArray[np.float32] | None,
        autoreset: int,  # 0 next step, 1 same step, 2 disabled (a finished match stands still)
        start: int = 0,
        stop: int = -1,
    ) -> None:
        """All of a step in one pass without the GIL.

        `advance`, `rewards`, `flags`, reset of finished matches, `observe` and `action_masks`.
        """

    def snapshot(self, match: int) -> bytes:
        """State, bots, step count and latency of a match: all that its future depends on."""

    def restore(self, match: int, snapshot: bytes) -> None: ...
    def seen(self, match: int, seat: int) -> bytes:
        """The state as a seat sees it: late, and without what is hidden from it."""

    def state(self, match: int) -> bytes:
        """The state alone; numpy.frombuffer(..., DTYPES["state"]) names its fields."""

    def set_state(self, match: int, state: bytes) -> None:
        """Replace a state; tests build situations with it.

        Raises ValueError if it breaks an invariant.
        """

    def hash(self, match: int) -> int: ...
    def hashes(self) -> NDArray[np.uint64]: ...
    def mirrored(self, match: int) -> bytes:
        """The state seen in a mirror: sides swapped, x negated."""

    def check(self, match: int) -> str:
        """Empty, or a sentence naming a broken invariant."""

ENCODINGS: Final[dict[str, int]]  # type of observation -> code
INT16_ONE: Final[int]  # what 1.0 is as an int16
MASK_FORMS: Final[dict[str, int]]  # action space -> code
MASK_IN_OBS: Final[int]
MASK_IN_INFO: Final[int]
FLAT: Final[int]
NAMES_IN_INFO: Final[int]

def encode(numbers: NDArray[np.float32], encoding: int) -> NDArray[Any]:
    """Numbers in [-1, 1], shape (n,), as another of ENCODINGS: what rows do with observations."""

class Rows:
    """What the agents in some seats of a batch's duels do and get, in arrays that stay.

    Nothing is allocated by a step, and no Python runs for a match. Without a batch, rows only
    `take` actions. The arrays and their shapes are those of `envs.matches.RowArrays`; `has_frames`
    is False where observations are not written.
    """

    def __init__(
        self,
        batch: Batch | None,
        arrays: Any,
        *,
        has_frames: bool = True,
        seats: tuple[int, ...] = (0, 1),
        stack: int = 1,
        encoding: int = 0,
        mask_form: int = 0,
        is_flat: bool = False,
        autoreset: int = 0,
        num_threads: int = 1,
    ) -> None: ...
    def take(self, given: object) -> int:
        """Take an action a row, int32 or int64 of shape (rows,), factored (rows, 2).

        Returns -1, the first row whose action is out of range, or -2 if `given` is something else.
        """

    def step(self) -> None:
        """Advance, reward, flag, begin what follows, observe and mask; return when all is done."""

    def start(self) -> None:
        """Begin a step on other threads than the caller's, which `wait` ends."""

    def wait(self) -> None:
        """Lend a hand until the step that was begun is done.

        Raises RuntimeError in a process that was forked while it was under way.
        """

    def begin(self, matches: NDArray[np.bool_]) -> None:
        """Note what is seen of all matches; those of the mask have just begun."""

    def follow(self, matches: NDArray[np.bool_]) -> None:
        """Begin the matches after those of the mask."""

    def recall(self, match: int) -> None:
        """Note all that is known of a match that was put back; of its frames, the present one."""

class Duel:
    """The only match of a batch, between two agents: a step is one call, what it returns is fresh.

    A form is a sum of MASK_IN_OBS, MASK_IN_INFO, FLAT and NAMES_IN_INFO. `seen` stands in for the
    vector where agents see pictures or texts. What is seen and earned cannot be read while another
    thread steps the batch: RuntimeError.
    """

    def __init__(
        self,
        batch: Batch,
        *,
        agents: tuple[str, ...],
        names: list[str],  # of the roster's characters
        terms: tuple[str, ...],  # of the reward
        form: int,  # one of MASK_FORMS
        sizes: tuple[int, ...],  # of the masks
        frames: NDArray[np.float32] | None = None,  # (frame_stack, A, O), kept here
        reward: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None,
    ) -> None: ...
    def set_own(self, tables: list[NDArray[np.int32]]) -> None:
        """Take the ids that each seat owns, in order, filled up with 108."""

    def plain_action(self, action: object, seat: int) -> int:
        """The id of an action that is of a common type and in range; -1 for all others."""

    def step(self, first: int, second: int) -> int:
        """Advance by two ids, which are not checked."""

    def play(self, actions: object, form: int) -> tuple[Any, Any, Any, Any, Any] | None:
        """Step by a dict of plain actions and return `results`.

        None, and nothing done, if they are not plain.
        """

    def keep_first_frame(self) -> None:
        """Fill all frames with the present one."""

    def keep_present_frame(self) -> None:
        """Make the first of the frames the present one; the others stay."""

    def seen(self, seat: int) -> NDArray[np.float32]:
        """A fresh vector of what an agent sees, all frames in a row."""

    def mask(self, seat: int) -> NDArray[np.int8]:
        """A fresh mask of an agent's actions."""

    def observation(self, seat: int, form: int, seen: Any = None) -> Any: ...
    def info(
        self, seat: int, form: int, mask: NDArray[np.int8] | None = None
    ) -> dict[str, Any]: ...
    def pair(self, seat: int, form: int, seen: Any = None) -> tuple[Any, dict[str, Any]]:
        """An agent's observation and info."""

    def results(self, form: int, seen: Any) -> tuple[Any, Any, Any, Any, Any]:
        """What PettingZoo's parallel step returns."""

    # of the present, read-only
    rewards: NDArray[np.float32]  # fresh, shape (A,)
    reward_pair: tuple[float, float]
    characters: tuple[int, int]
    illegal_actions: tuple[int, int]
    seed: int
    tick: int
    winner: int
    is_terminated: bool
    is_truncated: bool
    is_over: bool
