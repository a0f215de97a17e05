# cython: boundscheck=False, wraparound=False, initializedcheck=False

"""The compiled simulation: matches in a batch. No rules live here; they are C, under csrc/."""

from cpython.pycapsule cimport PyCapsule_New
from libc.stdint cimport int8_t, int16_t, int32_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memchr, memcpy, memset

from engine cimport (
    CAM_ACTION_HELD, CAM_BOT_MAX_LEVEL, CAM_COUNT_ILLEGAL, CAM_DESCRIPTOR_SIZE, CAM_DROP_SCALE, CAM_MAX_ACT_DELAY, CAM_MAX_ENTITIES,
    CAM_MAX_FIGHTERS, CAM_MAX_SEE_DELAY, CAM_NUM_ACTIONS, CAM_NUM_BOTS, CAM_NUM_BUTTONS, CAM_NUM_COMPANIONS, CAM_NUM_DIRECTIONS,
    CAM_NUM_EFFECTS, CAM_NUM_OBSERVATIONS, CAM_NUM_REWARD_TERMS, CAM_PROFILE_SIZE, CAM_SCRIPT_LENGTH, CamBot, CamCharacter, CamData,
    CamDelay, CamEntityType, CamHit, CamLatency, CamLoadout, CamMove, CamObservationInfo, CamOp, CamRules, CamScript, CamState, CamUse,
    cam_action_mask, cam_begin_step, cam_bot_act, cam_bot_begin, cam_bot_name, cam_bot_watch, cam_canonical_action, cam_check_data,
    cam_check_latency, cam_check_state, cam_draw, cam_hash, cam_latency_begin, cam_latency_decide, cam_latency_due, cam_latency_keep,
    cam_latency_look, cam_latency_size, cam_latency_states, cam_measure_uses, cam_mirror, cam_next_seed, cam_num_records,
    cam_observation_layout, cam_observation_size, cam_observe, cam_observe_all, cam_records, cam_reset, cam_reward_terms, cam_see, cam_signature,
    cam_state_size, cam_static_mask, cam_step,
)

import numpy as np

NUM_ACTIONS = CAM_NUM_ACTIONS
NUM_BUTTONS = CAM_NUM_BUTTONS
NUM_DIRECTIONS = CAM_NUM_DIRECTIONS
NUM_EFFECTS = CAM_NUM_EFFECTS
DESCRIPTOR_SIZE = CAM_DESCRIPTOR_SIZE
PROFILE_SIZE = CAM_PROFILE_SIZE
MAX_BOT_LEVEL = CAM_BOT_MAX_LEVEL
MAX_SEE_DELAY = CAM_MAX_SEE_DELAY
MAX_ACT_DELAY = CAM_MAX_ACT_DELAY
SCRIPT_LENGTH = CAM_SCRIPT_LENGTH
OBSERVATIONS = {"full": 0, "tiny": 1, "entities": 2, "descriptor": 3}
BOTS = {cam_bot_name(kind).decode(): kind for kind in range(1, CAM_NUM_BOTS)}


# ---- the C structs as numpy records ----

def field_table(str record):
    """Rows (name, type code, length, unit) of a C struct."""
    cdef int r, k
    for r in range(cam_num_records):
        if cam_records[r].name.decode() == record:
            return [
                (
                    cam_records[r].fields[k].name.decode(), cam_records[r].fields[k].code.decode(),
                    cam_records[r].fields[k].length, cam_records[r].fields[k].unit.decode(),
                )
                for k in range(cam_records[r].num_fields)
            ]
    names = [cam_records[r].name.decode() for r in range(cam_num_records)]
    raise ValueError(f"record is {record!r}; it must be one of {', '.join(names)}")


cdef _dtype(int r, str extra_name="", extra=None, int extra_length=0):
    """The numpy dtype of a record, with one nested array after it."""
    cdef int k
    names, formats, offsets = [], [], []
    for k in range(cam_records[r].num_fields):
        code = "<" + cam_records[r].fields[k].code.decode()
        length = cam_records[r].fields[k].length
        names.append(cam_records[r].fields[k].name.decode())
        formats.append((code, (length,)) if length else code)
        offsets.append(cam_records[r].fields[k].offset)
    size = cam_records[r].size
    if extra is not None:
        names.append(extra_name)
        formats.append((extra, (extra_length,)))
        offsets.append(size)
        size += extra.itemsize * extra_length
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


DTYPES = {cam_records[r].name.decode(): _dtype(r) for r in range(cam_num_records)}
DTYPES["fighter"] = _dtype(1, "entities", DTYPES["entity"], CAM_MAX_ENTITIES)


def state_dtype(int num_fighters):
    """The numpy dtype of a match of `num_fighters` fighters."""
    return _dtype(0, "fighters", DTYPES["fighter"], num_fighters)


DTYPES["state"] = state_dtype(2)


def observation_table(int preset):
    """Rows (module, name, size, meaning) of an observation preset, in order."""
    cdef const CamObservationInfo *rows = NULL
    cdef int k, count
    _check_range("preset", preset, 0, CAM_NUM_OBSERVATIONS - 1)
    count = cam_observation_layout(preset, &rows)
    return [
        (rows[k].module.decode(), rows[k].name.decode(), rows[k].size, rows[k].meaning.decode()) for k in range(count)
    ]


def observation_size(int preset):
    """Floats in one observation of a preset."""
    _check_range("preset", preset, 0, CAM_NUM_OBSERVATIONS - 1)
    return cam_observation_size(preset)


def next_seed(uint64_t seed):
    """The seed of the match after one with `seed`, where nobody gives one."""
    return cam_next_seed(seed)


def _check_range(name, value, low, high):
    if not low <= value <= high:
        raise ValueError(f"{name} is {value}; it must be {low}..{high}")


# ---- what all matches share ----

cdef void *_copy(array, str name, dtype, int ndim) except? NULL:
    """A malloc'ed copy of an array's bytes."""
    array = np.asarray(array)
    if array.dtype != dtype or array.ndim != ndim:
        raise TypeError(f"{name} is not an array of {ndim} dimensions and of the dtype that DTYPES holds for it")
    cdef bytes content = array.tobytes()
    cdef const char *source = content
    cdef size_t size = len(content)
    cdef void *target = malloc(size if size else 1)
    if target == NULL:
        raise MemoryError(f"no memory for {name} ({size} bytes)")
    memcpy(target, source, size)
    return target


cdef class Data:
    """What all matches share: the compiled rules and roster. Immutable."""

    cdef CamData c

    def __cinit__(self, rules, characters, moves, hits, ops, entity_types, scrolls, companions, descriptors, profiles):
        memset(&self.c, 0, sizeof(CamData))
        cdef CamRules *copied = <CamRules *>_copy(rules, "rules", DTYPES["rules"], 0)
        memcpy(&self.c.rules, copied, sizeof(CamRules))
        free(copied)
        self.c.characters = <const CamCharacter *>_copy(characters, "characters", DTYPES["character"], 1)
        self.c.moves = <const CamMove *>_copy(moves, "moves", DTYPES["move"], 1)
        self.c.hits = <const CamHit *>_copy(hits, "hits", DTYPES["hit"], 1)
        self.c.ops = <const CamOp *>_copy(ops, "ops", DTYPES["op"], 1)
        self.c.entity_types = <const CamEntityType *>_copy(entity_types, "entity_types", DTYPES["entity_type"], 1)
        self.c.scrolls = <const int16_t *>_copy(scrolls, "scrolls", np.int16, 1)
        self.c.companions = <const int16_t *>_copy(companions, "companions", np.int16, 1)
        self.c.descriptors = <const float *>_copy(descriptors, "descriptors", np.float32, 2)
        self.c.profiles = <const float *>_copy(profiles, "profiles", np.float32, 2)
        for name, table, size in (("descriptors", descriptors, CAM_DESCRIPTOR_SIZE), ("profiles", profiles, CAM_PROFILE_SIZE)):
            if table.shape != (len(characters), size):
                raise ValueError(f"{name} have shape {table.shape}; it must be ({len(characters)}, {size})")
        self.c.num_characters = len(characters)
        self.c.num_moves = len(moves)
        self.c.num_hits = len(hits)
        self.c.num_ops = len(ops)
        self.c.num_entity_types = len(entity_types)
        self.c.num_scrolls = len(scrolls)
        self.c.num_companions = len(companions)
        cdef const char *broken = cam_check_data(&self.c)
        if broken != NULL:
            raise ValueError(f"the compiled roster is unsound: {broken.decode()}")
        cdef CamUse *uses = <CamUse *>malloc(self.c.num_moves * sizeof(CamUse) + 1)
        if uses == NULL:
            raise MemoryError(f"no memory for the uses of {self.c.num_moves} moves")
        cam_measure_uses(&self.c, uses)
        self.c.uses = uses

    def __dealloc__(self):
        free(<void *>self.c.characters)
        free(<void *>self.c.moves)
        free(<void *>self.c.hits)
        free(<void *>self.c.ops)
        free(<void *>self.c.entity_types)
        free(<void *>self.c.scrolls)
        free(<void *>self.c.companions)
        free(<void *>self.c.descriptors)
        free(<void *>self.c.profiles)
        free(<void *>self.c.uses)

    @property
    def capsule(self):
        return PyCapsule_New(&self.c, b"cam_arena.CamData", NULL)

    @property
    def num_characters(self):
        return self.c.num_characters

    @property
    def num_scrolls(self):
        return self.c.num_scrolls

    @property
    def num_companions(self):
        return self.c.num_companions


def signature(Data data not None, int num_matches, int num_ticks):
    """One number for the behaviour of the simulation with these data: see signature.c."""
    _check_range("num_matches", num_matches, 1, 2**20)
    _check_range("num_ticks", num_ticks, 1, 18000)
    cdef CamState *state = <CamState *>malloc(cam_state_size(2))
    cdef uint64_t result
    if state == NULL:
        raise MemoryError("no memory for a match")
    with nogil:
        result = cam_signature(state, &data.c, num_matches, num_ticks)
    free(state)
    return result


# ---- matches ----

cdef enum:
    NEXT_STEP = 0
    SAME_STEP = 1
    DISABLED = 2


cdef class Batch:
    """`num_matches` fights that share `data` and step together."""

    cdef readonly Data data
    cdef readonly int num_matches, num_fighters, state_size, frame_skip, max_ticks, max_steps, observation
    cdef readonly int observation_size
    cdef bint factored, trio, public
    cdef float weights[4]
    cdef CamDelay delays[10]
    cdef int late_states
    cdef size_t late_size
    cdef char *latencies
    cdef char *scratches
    cdef char *states
    cdef CamBot *bots
    cdef uint8_t *bot_kinds
    cdef uint8_t *bot_levels
    cdef uint8_t *busy
    cdef int32_t *steps
    cdef int32_t *pools[10]
    cdef int pool_sizes[10]

    def __cinit__(
        self, Data data not None, int num_matches, *, int num_fighters=2, int frame_skip=3, int max_ticks=1800,
        int max_steps=0, int observation=0, reward_weights=(10, 10, 5, 5), bint factored=False, pools=None, bint trio=False,
        bint public=False, latency=None,
    ):
        _check_range("num_matches", num_matches, 1, 2**24)
        _check_range("num_fighters", num_fighters, 2, CAM_MAX_FIGHTERS)
        _check_range("frame_skip", frame_skip, 1, 30)
        _check_range("max_ticks", max_ticks, 1, 18000)
        _check_range("max_steps", max_steps, 0, 2**30)
        _check_range("observation", observation, 0, CAM_NUM_OBSERVATIONS - 1)
        if num_fighters % 2:
            raise ValueError(f"num_fighters is {num_fighters}; it must be even")
        self.data = data
        self.num_matches = num_matches
        self.num_fighters = num_fighters
        self.state_size = <int>cam_state_size(num_fighters)
        self.frame_skip = frame_skip
        self.max_ticks = max_ticks
        self.max_steps = max_steps
        self.observation = observation
        self.observation_size = cam_observation_size(observation)
        self.factored = factored
        self.trio = trio
        self.public = public
        self.weights = reward_weights
        rows = <size_t>num_matches * num_fighters
        self.states = <char *>calloc(num_matches, self.state_size)
        self.bots = <CamBot *>calloc(rows, sizeof(CamBot))
        self.bot_kinds = <uint8_t *>calloc(rows, 1)
        self.bot_levels = <uint8_t *>calloc(rows, 1)
        self.busy = <uint8_t *>calloc(num_matches, 1)
        self.steps = <int32_t *>calloc(num_matches, sizeof(int32_t))
        if not (self.states and self.bots and self.bot_kinds and self.bot_levels and self.busy and self.steps):
            raise MemoryError(f"no memory for {num_matches} matches of {self.state_size} bytes")
        self.set_latency(latency)
        for seat in range(num_fighters):
            self.set_pool(seat, None if pools is None else pools[seat])
        for match in range(num_matches):
            self.reset(match, match)

    def __dealloc__(self):
        cdef int seat
        for seat in range(10):
            free(self.pools[seat])
        free(self.states)
        free(self.bots)
        free(self.bot_kinds)
        free(self.bot_levels)
        free(self.busy)
        free(self.steps)
        free(self.latencies)
        free(self.scratches)

    cdef int set_latency(self, latency) except -1:
        """Take the delays and find room for what they keep."""
        cdef int seat
        if latency is not None:
            if len(latency) != self.num_fighters:
                raise ValueError(f"latency has {len(latency)} entries; it must have {self.num_fighters}, one a seat")
            for seat in range(self.num_fighters):
                see, act, see_jitter, act_jitter, drop, delay_self = latency[seat]
                for name, value, most in (
                    ("see", see, CAM_MAX_SEE_DELAY), ("act", act, CAM_MAX_ACT_DELAY), ("see_jitter", see_jitter, CAM_MAX_SEE_DELAY),
                    ("act_jitter", act_jitter, CAM_MAX_ACT_DELAY), ("drop", drop, 1),
                ):
                    _check_range(f"latency[{seat}].{name}", value, 0, most)
                self.delays[seat].see = see
                self.delays[seat].act = act
                self.delays[seat].see_jitter = see_jitter
                self.delays[seat].act_jitter = act_jitter
                self.delays[seat].drop = <uint32_t>round(drop * CAM_DROP_SCALE)
                self.delays[seat].delay_self = bool(delay_self)
            self.late_states = cam_latency_states(self.delays, self.num_fighters)
            self.late_size = cam_latency_size(self.num_fighters, self.late_states)
            self.latencies = <char *>calloc(self.num_matches, self.late_size)
            if self.latencies == NULL:
                raise MemoryError(f"no memory for the latency of {self.num_matches} matches, {self.late_size} bytes each")
        if latency is not None or self.public:
            self.scratches = <char *>calloc(self.num_matches, self.state_size)
            if self.scratches == NULL:
                raise MemoryError(f"no memory for {self.num_matches} states of {self.state_size} bytes")
        return 0

    # -- inside, without the GIL --

    cdef inline CamLatency *latency_at(self, Py_ssize_t match) noexcept nogil:
        return NULL if self.latencies == NULL else <CamLatency *>(self.latencies + <size_t>match * self.late_size)

    cdef const CamState *see(self, Py_ssize_t match, int seat) noexcept nogil:
        """The match as a seat sees it."""
        if self.scratches == NULL:
            return self.at(match)
        cdef CamState *scratch = <CamState *>(self.scratches + match * self.state_size)
        return cam_see(self.latency_at(match), self.delays, self.at(match), &self.data.c, seat, self.public, scratch)

    cdef inline CamState *at(self, Py_ssize_t match) noexcept nogil:
        return <CamState *>(self.states + match * self.state_size)

    cdef void start(self, Py_ssize_t match, uint64_t seed, const CamLoadout *wanted) noexcept nogil:
        """Start a match; what `wanted` leaves open is drawn from the pools by the seed."""
        cdef CamLoadout loadouts[10]
        cdef CamScript script
        cdef Py_ssize_t row
        cdef int seat, k
        for seat in range(self.num_fighters):
            if wanted != NULL:
                loadouts[seat] = wanted[seat]
            else:
                loadouts[seat].character = loadouts[seat].scroll = -1
                for k in range(CAM_NUM_COMPANIONS):
                    loadouts[seat].companions[k] = -1
            if loadouts[seat].character < 0:
                loadouts[seat].character = self.pools[seat][cam_draw(seed, seat) % <uint64_t>self.pool_sizes[seat]]
            for k in range(CAM_NUM_COMPANIONS):
                if k > 0 and not self.trio:
                    loadouts[seat].companions[k] = -2
        cam_reset(self.at(match), &self.data.c, seed, self.num_fighters, self.max_ticks, loadouts)
        if self.latencies != NULL:
            cam_latency_begin(self.latency_at(match), self.at(match), self.late_states)
        self.steps[match] = 0
        for seat in range(self.num_fighters):
            row = match * self.num_fighters + seat
            script = self.bots[row].script
            cam_bot_begin(&self.bots[row], self.bot_kinds[row], self.bot_levels[row], cam_draw(seed, 100 + seat))
            if script.is_given:
                self.bots[row].script = script

    cdef inline int32_t taken(self, Py_ssize_t match, int seat, int32_t action) noexcept nogil:
        """The action as the simulation takes it."""
        if not self.factored or action == CAM_ACTION_HELD:
            return action
        return cam_canonical_action(self.at(match), &self.data.c, seat, action)

    cdef void advance_one(self, Py_ssize_t match, const int32_t *given) noexcept nogil:
        cdef CamState *state = self.at(match)
        cdef CamLatency *latency = self.latency_at(match)
        cdef CamBot *bots = self.bots + match * self.num_fighters
        cdef int32_t actions[10]
        cdef int seat, tick
        cdef bint was_over
        for seat in range(self.num_fighters):
            if bots[seat].kind:
                actions[seat] = cam_bot_act(&bots[seat], state, &self.data.c, seat)
            else:
                actions[seat] = self.taken(match, seat, given[seat])
        if latency != NULL:
            cam_latency_decide(latency, self.delays, self.num_fighters, given)
        cam_begin_step(state)
        for tick in range(self.frame_skip):
            if latency != NULL:
                for seat in range(self.num_fighters):
                    if bots[seat].kind == 0:
                        actions[seat] = self.taken(match, seat, cam_latency_due(latency, seat))
                    elif tick > 0:
                        actions[seat] = CAM_ACTION_HELD
            was_over = state.is_over
            cam_step(state, &self.data.c, actions, tick == 0 or latency != NULL)
            if latency != NULL and not was_over:
                cam_latency_keep(latency, state)
            for seat in range(self.num_fighters):
                if bots[seat].kind:
                    cam_bot_watch(&bots[seat], state, seat)
        if latency != NULL:
            cam_latency_look(latency, self.num_fighters)
        self.steps[match] += 1

    cdef inline bint cut(self, Py_ssize_t match) noexcept nogil:
        return self.max_steps > 0 and self.steps[match] >= self.max_steps and not self.at(match).is_over

    cdef void reward_one(self, Py_ssize_t match, float *rewards) noexcept nogil:
        """u_own - u_other, where u sums the weighted terms of a side: exactly zero-sum."""
        cdef float terms[4]
        cdef float worth[2]
        cdef int seat, k
        worth[0] = worth[1] = 0
        for seat in range(self.num_fighters):
            cam_reward_terms(self.at(match), &self.data.c, seat, terms)
            for k in range(CAM_NUM_REWARD_TERMS):
                worth[seat & 1] += self.weights[k] * terms[k]
        for seat in range(self.num_fighters):
            rewards[seat] = worth[0] - worth[1] if seat & 1 == 0 else -(worth[0] - worth[1])

    cdef void read_one(self, Py_ssize_t match, float *observations, int8_t *masks) noexcept nogil:
        cdef int seat
        if observations != NULL and self.scratches == NULL:
            cam_observe_all(self.at(match), &self.data.c, self.observation, observations)
            observations = NULL
        for seat in range(self.num_fighters):
            if observations != NULL:
                cam_observe(self.see(match, seat), &self.data.c, seat, self.observation, observations + seat * self.observation_size)
            if masks != NULL:
                cam_action_mask(self.at(match), &self.data.c, seat, masks + seat * CAM_NUM_ACTIONS)

    # -- the slice a call works on --

    cdef Py_ssize_t enter(self, int start, int stop) except -1:
        """Mark the slice busy and return where it stops."""
        if stop == -1:
            stop = self.num_matches
        if not 0 <= start <= stop <= self.num_matches:
            raise ValueError(f"slice is {start}..{stop}; it must lie in 0..{self.num_matches}")
        if stop > start and memchr(self.busy + start, 1, stop - start) != NULL:
            raise RuntimeError("these matches are being stepped by another thread; give each thread its own slice")
        memset(self.busy + start, 1, stop - start)
        return stop

    cdef void leave(self, int start, Py_ssize_t stop) noexcept:
        memset(self.busy + start, 0, stop - start)

    cdef int check_match(self, int match) except -1:
        _check_range("match", match, 0, self.num_matches - 1)
        return match

    cdef int check_shape(self, str name, tuple given, tuple expected) except -1:
        if given != expected:
            raise ValueError(f"{name} has shape {given}; it must have {expected}")
        return 0

    # -- settings --

    def set_pool(self, int seat, characters):
        """Draw the seat's character from these indices; None: from the whole roster."""
        _check_range("seat", seat, 0, self.num_fighters - 1)
        pool = np.arange(self.data.num_characters, dtype=np.int32) if characters is None else np.asarray(characters, dtype=np.int32)
        if pool.ndim != 1 or len(pool) == 0:
            raise ValueError(f"the pool of seat {seat} has shape {pool.shape}; it must list at least one character")
        if pool.min() < 0 or pool.max() >= self.data.num_characters:
            raise ValueError(f"the pool of seat {seat} is {pool.tolist()}; characters are 0..{self.data.num_characters - 1}")
        cdef int32_t *copied = <int32_t *>_copy(pool, "pool", np.int32, 1)
        free(self.pools[seat])
        self.pools[seat] = copied
        self.pool_sizes[seat] = <int>len(pool)

    def set_bot(self, int match, int seat, int kind, int level):
        """Let a bot play a seat from the match's next reset on; kind 0 gives it back."""
        self.check_match(match)
        _check_range("seat", seat, 0, self.num_fighters - 1)
        _check_range("kind", kind, 0, CAM_NUM_BOTS - 1)
        if kind:
            _check_range("level", level, 1, CAM_BOT_MAX_LEVEL)
        self.bot_kinds[match * self.num_fighters + seat] = kind
        self.bot_levels[match * self.num_fighters + seat] = level

    def set_script(self, int match, int seat, entries):
        """Give a seat the script that it plays as the bot openloop; None: one is drawn at the next reset."""
        cdef CamScript *script
        cdef Py_ssize_t k
        self.check_match(match)
        _check_range("seat", seat, 0, self.num_fighters - 1)
        script = &self.bots[match * self.num_fighters + seat].script
        if entries is None:
            script.is_given = 0
            return
        rows = np.asarray(entries)
        if rows.ndim != 2 or rows.shape[1] != 3 or not 1 <= len(rows) <= CAM_SCRIPT_LENGTH or rows.dtype.kind not in "iu":
            raise ValueError(
                f"script has shape {rows.shape} and dtype {rows.dtype}; it must be integers (direction, button, ticks) in "
                f"1..{CAM_SCRIPT_LENGTH} rows"
            )
        for name, column, low, high in zip(
            ("directions", "buttons", "ticks"), rows.T, (0, 0, 1), (CAM_NUM_DIRECTIONS - 1, CAM_NUM_BUTTONS - 1, 255)
        ):
            if column.min() < low or column.max() > high:
                raise ValueError(f"the script's {name} are {column.min()}..{column.max()}; they must be {low}..{high}")
        memset(script, 0, sizeof(CamScript))
        script.length = <uint8_t>len(rows)
        script.is_given = 1
        for k in range(len(rows)):
            script.direction[k], script.button[k], script.ticks[k] = rows[k]

    def set_max_steps(self, int max_steps):
        """Truncate matches after this many steps; 0 for never."""
        _check_range("max_steps", max_steps, 0, 2**30)
        self.max_steps = max_steps

    # -- stepping --

    def reset(self, int match, uint64_t seed, characters=None, scrolls=None, companions=None):
        """Start a match. See _core.pyi for what the lists hold."""
        cdef CamLoadout loadouts[10]
        cdef int seat, k
        self.check_match(match)
        for seat in range(self.num_fighters):
            loadouts[seat].character = -1 if characters is None else characters[seat]
            loadouts[seat].scroll = -1 if scrolls is None else scrolls[seat]
            _check_range(f"characters[{seat}]", loadouts[seat].character, -1, self.data.c.num_characters - 1)
            _check_range(f"scrolls[{seat}]", loadouts[seat].scroll, -1, self.data.c.num_scrolls - 1)
            for k in range(CAM_NUM_COMPANIONS):
                loadouts[seat].companions[k] = -1 if companions is None else companions[seat][k]
                _check_range(f"companions[{seat}][{k}]", loadouts[seat].companions[k], -2, self.data.c.num_companions - 1)
        stop = self.enter(match, match + 1)
        self.start(match, seed, loadouts)
        self.leave(match, stop)

    def advance(self, const int32_t[:, ::1] actions, int start=0, int stop=-1):
        """One step of every match in the slice."""
        cdef Py_ssize_t match, end
        self.check_shape("actions", (actions.shape[0], actions.shape[1]), (self.num_matches, self.num_fighters))
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                if not self.at(match).is_over:
                    self.advance_one(match, &actions[match, 0])
        self.leave(start, end)

    def observe(self, float[:, :, ::1] out, int start=0, int stop=-1):
        """Write observations of the slice."""
        cdef Py_ssize_t match, end
        self.check_shape("out", (out.shape[0], out.shape[1], out.shape[2]), (self.num_matches, self.num_fighters, self.observation_size))
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                self.read_one(match, &out[match, 0, 0], NULL)
        self.leave(start, end)

    def observe_present(self, float[:, :, ::1] out, int start=0, int stop=-1):
        """Write observations of the slice without latency and with nothing hidden."""
        cdef Py_ssize_t match, end
        self.check_shape("out", (out.shape[0], out.shape[1], out.shape[2]), (self.num_matches, self.num_fighters, self.observation_size))
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                cam_observe_all(self.at(match), &self.data.c, self.observation, &out[match, 0, 0])
        self.leave(start, end)

    def action_masks(self, int8_t[:, :, ::1] out, int start=0, int stop=-1):
        """Write action masks of the slice."""
        cdef Py_ssize_t match, end
        self.check_shape("out", (out.shape[0], out.shape[1], out.shape[2]), (self.num_matches, self.num_fighters, CAM_NUM_ACTIONS))
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                self.read_one(match, NULL, &out[match, 0, 0])
        self.leave(start, end)

    def static_masks(self, int8_t[:, :, ::1] out, int start=0, int stop=-1):
        """Write the masks of what each fighter owns at all."""
        cdef Py_ssize_t match, end
        cdef int seat
        self.check_shape("out", (out.shape[0], out.shape[1], out.shape[2]), (self.num_matches, self.num_fighters, CAM_NUM_ACTIONS))
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                for seat in range(self.num_fighters):
                    cam_static_mask(self.at(match), &self.data.c, seat, &out[match, seat, 0])
        self.leave(start, end)

    def rewards(self, float[:, ::1] rewards, float[:, :, ::1] terms, int start=0, int stop=-1):
        """Write the rewards of the last step and each fighter's own unweighted terms."""
        cdef Py_ssize_t match, end
        cdef int seat
        self.check_shape("rewards", (rewards.shape[0], rewards.shape[1]), (self.num_matches, self.num_fighters))
        expected = (self.num_matches, self.num_fighters, CAM_NUM_REWARD_TERMS)
        self.check_shape("terms", (terms.shape[0], terms.shape[1], terms.shape[2]), expected)
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                self.reward_one(match, &rewards[match, 0])
                for seat in range(self.num_fighters):
                    cam_reward_terms(self.at(match), &self.data.c, seat, &terms[match, seat, 0])
        self.leave(start, end)

    def illegal_actions(self, int32_t[:, ::1] out, int start=0, int stop=-1):
        """Write how often each fighter was told to do what it could not, since its match began."""
        cdef Py_ssize_t match, end
        cdef int seat
        self.check_shape("out", (out.shape[0], out.shape[1]), (self.num_matches, self.num_fighters))
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                for seat in range(self.num_fighters):
                    out[match, seat] = self.at(match).fighters[seat].counts[CAM_COUNT_ILLEGAL]
        self.leave(start, end)

    def flags(self, terminated, truncated, int start=0, int stop=-1):
        """Write whether the rules ended each match, and whether it was cut off."""
        cdef uint8_t[::1] ended = terminated.view(np.uint8)
        cdef uint8_t[::1] cut = truncated.view(np.uint8)
        cdef Py_ssize_t match, end
        self.check_shape("terminated", (ended.shape[0],), (self.num_matches,))
        self.check_shape("truncated", (cut.shape[0],), (self.num_matches,))
        end = self.enter(start, stop)
        for match in range(start, end):
            ended[match] = self.at(match).is_over
            cut[match] = self.cut(match)
        self.leave(start, end)

    def step(
        self, const int32_t[:, ::1] actions, float[:, :, ::1] observations, int8_t[:, :, ::1] masks, float[:, ::1] rewards,
        terminated, truncated, final_observations, int autoreset, int start=0, int stop=-1,
    ):
        """Advance, reward, flag, reset finished matches, observe and mask in one pass."""
        cdef uint8_t[::1] ended = terminated.view(np.uint8)
        cdef uint8_t[::1] cut = truncated.view(np.uint8)
        cdef float[:, :, ::1] final = final_observations
        cdef bint keeps_final = final_observations is not None
        cdef Py_ssize_t match, end
        cdef int seat
        cdef bint was_done
        rows = (self.num_matches, self.num_fighters)
        self.check_shape("actions", (actions.shape[0], actions.shape[1]), rows)
        given = (observations.shape[0], observations.shape[1], observations.shape[2])
        self.check_shape("observations", given, (*rows, self.observation_size))
        self.check_shape("masks", (masks.shape[0], masks.shape[1], masks.shape[2]), (*rows, CAM_NUM_ACTIONS))
        self.check_shape("rewards", (rewards.shape[0], rewards.shape[1]), rows)
        self.check_shape("terminated", (ended.shape[0],), (self.num_matches,))
        self.check_shape("truncated", (cut.shape[0],), (self.num_matches,))
        if keeps_final:
            self.check_shape("final_observations", (final.shape[0], final.shape[1], final.shape[2]), (*rows, self.observation_size))
        _check_range("autoreset", autoreset, NEXT_STEP, DISABLED)
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                was_done = self.at(match).is_over or self.cut(match)
                if was_done:
                    for seat in range(self.num_fighters):
                        rewards[match, seat] = 0
                    if autoreset != DISABLED:
                        self.start(match, cam_next_seed(self.at(match).seed), NULL)
                        ended[match] = cut[match] = 0
                else:
                    self.advance_one(match, &actions[match, 0])
                    self.reward_one(match, &rewards[match, 0])
                    ended[match] = self.at(match).is_over
                    cut[match] = self.cut(match)
                    if autoreset == SAME_STEP and (ended[match] or cut[match]):
                        if keeps_final:
                            self.read_one(match, &final[match, 0, 0], NULL)
                        self.start(match, cam_next_seed(self.at(match).seed), NULL)
                self.read_one(match, &observations[match, 0, 0], &masks[match, 0, 0])
        self.leave(start, end)

    # -- looking inside --

    def snapshot(self, int match):
        """State, bots, step count and latency of a match: all that its future depends on."""
        self.check_match(match)
        cdef Py_ssize_t row = <Py_ssize_t>match * self.num_fighters
        bots = (<char *>&self.bots[row])[:self.num_fighters * sizeof(CamBot)]
        steps = (<char *>&self.steps[match])[:sizeof(int32_t)]
        kinds = (<char *>&self.bot_kinds[row])[:self.num_fighters] + (<char *>&self.bot_levels[row])[:self.num_fighters]
        late = b"" if self.latencies == NULL else (<char *>self.latency_at(match))[:self.late_size]
        return self.state(match) + bots + steps + kinds + late

    def restore(self, int match, bytes snapshot not None):
        """Put a match back as it was."""
        self.check_match(match)
        cdef Py_ssize_t bots = self.state_size, steps = bots + self.num_fighters * sizeof(CamBot)
        cdef Py_ssize_t kinds = steps + <Py_ssize_t>sizeof(int32_t), levels = kinds + self.num_fighters, late = levels + self.num_fighters
        cdef Py_ssize_t row = <Py_ssize_t>match * self.num_fighters
        cdef const char *source = snapshot
        cdef const char *broken
        cdef CamLatency *latency
        if len(snapshot) != late + <Py_ssize_t>self.late_size:
            raise ValueError(f"snapshot has {len(snapshot)} bytes; it must have {late + self.late_size}")
        if max(snapshot[kinds:levels]) >= CAM_NUM_BOTS or max(snapshot[levels:late]) > CAM_BOT_MAX_LEVEL:
            raise ValueError("snapshot names a bot that does not exist; it is damaged")
        if self.latencies != NULL:
            latency = <CamLatency *>malloc(self.late_size)
            if latency == NULL:
                raise MemoryError(f"no memory for a latency of {self.late_size} bytes")
            memcpy(latency, source + late, self.late_size)
            broken = cam_check_latency(latency, self.delays, self.at(match), &self.data.c)
            free(latency)
            if broken != NULL:
                raise ValueError(f"the latency is unsound: {broken.decode()}")
        self.set_state(match, snapshot[:bots])
        memcpy(&self.bots[row], source + bots, steps - bots)
        memcpy(&self.steps[match], source + steps, sizeof(int32_t))
        memcpy(&self.bot_kinds[row], source + kinds, self.num_fighters)
        memcpy(&self.bot_levels[row], source + levels, self.num_fighters)
        if self.latencies != NULL:
            memcpy(self.latency_at(match), source + late, self.late_size)

    def seen(self, int match, int seat):
        """The bytes of the state as a seat sees it: late, and without what is hidden from it."""
        self.check_match(match)
        _check_range("seat", seat, 0, self.num_fighters - 1)
        return (<char *>self.see(match, seat))[:self.state_size]

    def state(self, int match):
        """The state's bytes."""
        self.check_match(match)
        return (<char *>self.at(match))[:self.state_size]

    def set_state(self, int match, bytes state not None):
        """Replace a state. Raises ValueError if it breaks an invariant; the old one then stays."""
        self.check_match(match)
        cdef const char *source = state
        cdef const char *broken
        cdef CamState *copied
        if len(state) != self.state_size:
            raise ValueError(f"state has {len(state)} bytes; it must have {self.state_size}")
        copied = <CamState *>malloc(self.state_size)
        if copied == NULL:
            raise MemoryError(f"no memory for a state of {self.state_size} bytes")
        memcpy(copied, source, self.state_size)
        if copied.num_fighters != self.num_fighters:
            free(copied)
            raise ValueError(f"the state has another number of fighters than this batch's {self.num_fighters}")
        broken = cam_check_state(copied, &self.data.c)
        if broken == NULL:
            memcpy(self.at(match), copied, self.state_size)
        free(copied)
        if broken != NULL:
            raise ValueError(f"the state is unsound: {broken.decode()}")

    def hash(self, int match):
        """64-bit hash of the state."""
        self.check_match(match)
        return cam_hash(self.at(match))

    def hashes(self):
        """uint64, shape (num_matches,): the hash of each state."""
        out = np.empty(self.num_matches, dtype=np.uint64)
        cdef uint64_t[::1] view = out
        cdef Py_ssize_t match
        for match in range(self.num_matches):
            view[match] = cam_hash(self.at(match))
        return out

    def mirrored(self, int match):
        """The state seen in a mirror: sides swapped, x negated."""
        self.check_match(match)
        cdef CamState *out = <CamState *>malloc(self.state_size)
        if out == NULL:
            raise MemoryError(f"no memory for a state of {self.state_size} bytes")
        cam_mirror(self.at(match), out)
        content = (<char *>out)[:self.state_size]
        free(out)
        return content

    def check(self, int match):
        """Empty, or a sentence naming a broken invariant."""
        self.check_match(match)
        cdef const char *broken = cam_check_state(self.at(match), &self.data.c)
        return "" if broken == NULL else broken.decode()
