"""Matches that step together."""

from libc.stdint cimport int8_t, int32_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memchr, memcpy, memset
from batch cimport (
    CAM_DISABLED, CAM_NEXT_STEP, CAM_SAME_STEP, CamBatch, cam_batch_advance, cam_batch_is_cut, cam_batch_latency, cam_batch_read,
    cam_batch_rewards, cam_batch_see, cam_batch_start, cam_batch_state,
)
from engine cimport (
    CAM_COUNT_ILLEGAL, CAM_DROP_SCALE, CAM_MAX_ACT_DELAY, CAM_MAX_SEE_DELAY, CAM_MAX_TICKS,
    CAM_NUM_ACTIONS, CAM_NUM_BOTS, CAM_NUM_BUTTONS, CAM_NUM_COMPANIONS, CAM_NUM_DIRECTIONS, CAM_NUM_OBSERVATIONS,
    CAM_NUM_REWARD_TERMS, CAM_SCRIPT_LENGTH, CamBot, CamLatency, CamLoadout, CamScript, CamState, cam_bot_max_level, cam_check_bot,
    cam_check_latency, cam_check_state, cam_hash, cam_latency_size, cam_latency_states, cam_mirror, cam_next_seed,
    cam_observation_size, cam_observe, cam_observe_all, cam_reward_terms, cam_state_size, cam_static_mask,
)


cdef class Batch:
    """`num_matches` fights that share `data` and step together."""

    cdef readonly Data data
    cdef readonly int num_matches, num_fighters, state_size, frame_skip, max_ticks, observation, observation_size
    cdef readonly tuple sizes
    cdef CamBatch c
    cdef uint8_t *busy

    def __cinit__(
        self, Data data not None, int num_matches, *, sizes=(1, 1), int frame_skip=3, int max_ticks=1800,
        int max_steps=0, int observation=0, reward_weights=(10, 10, 5, 5, 0), bint factored=False, pools=None, bint trio=False,
        bint public=False, latency=None, bint mirrored=False,
    ):
        _check_range("num_matches", num_matches, 1, 2**24)
        _check_range("frame_skip", frame_skip, 1, 30)
        _check_range("max_ticks", max_ticks, 1, CAM_MAX_TICKS)
        _check_range("max_steps", max_steps, 0, 2**30)
        _check_range("observation", observation, 0, CAM_NUM_OBSERVATIONS - 1)
        cdef int num_fighters = _take_sizes(sizes, self.c.sizes)
        self.data = data
        self.sizes = (self.c.sizes[0], self.c.sizes[1])
        self.num_matches = num_matches
        self.num_fighters = num_fighters
        self.state_size = <int>cam_state_size(num_fighters)
        self.frame_skip = frame_skip
        self.max_ticks = max_ticks
        self.observation = observation
        self.observation_size = cam_observation_size(observation)
        self.c.data = &data.c
        self.c.num_matches, self.c.num_fighters, self.c.state_size = num_matches, num_fighters, self.state_size
        self.c.frame_skip, self.c.max_ticks, self.c.max_steps = frame_skip, max_ticks, max_steps
        self.c.observation, self.c.observation_size = observation, self.observation_size
        self.c.is_factored, self.c.is_trio, self.c.is_public, self.c.is_mirrored = factored, trio, public, mirrored
        self.c.weights = reward_weights
        rows = <size_t>num_matches * num_fighters
        self.c.states = <char *>calloc(num_matches, self.state_size)
        self.c.bots = <CamBot *>calloc(rows, sizeof(CamBot))
        self.c.bot_kinds = <uint8_t *>calloc(rows, 1)
        self.c.bot_levels = <uint8_t *>calloc(rows, 1)
        self.busy = <uint8_t *>calloc(num_matches, 1)
        self.c.steps = <int32_t *>calloc(num_matches, sizeof(int32_t))
        if not (self.c.states and self.c.bots and self.c.bot_kinds and self.c.bot_levels and self.busy and self.c.steps):
            raise MemoryError(f"no memory for {num_matches} matches of {self.state_size} bytes")
        self.set_latency(latency)
        for seat in range(num_fighters):
            self.set_pool(seat, None if pools is None else pools[seat])
        for match in range(num_matches):
            self.reset(match, match)

    def __dealloc__(self):
        cdef int seat
        for seat in range(10):
            free(self.c.pools[seat])
        free(self.c.states)
        free(self.c.bots)
        free(self.c.bot_kinds)
        free(self.c.bot_levels)
        free(self.busy)
        free(self.c.steps)
        free(self.c.latencies)
        free(self.c.scratches)

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
                self.c.delays[seat].see = see
                self.c.delays[seat].act = act
                self.c.delays[seat].see_jitter = see_jitter
                self.c.delays[seat].act_jitter = act_jitter
                self.c.delays[seat].drop = <uint32_t>round(drop * CAM_DROP_SCALE)
                self.c.delays[seat].delay_self = bool(delay_self)
            self.c.late_states = cam_latency_states(self.c.delays, self.num_fighters)
            self.c.late_size = cam_latency_size(self.num_fighters, self.c.late_states)
            self.c.latencies = <char *>calloc(self.num_matches, self.c.late_size)
            if self.c.latencies == NULL:
                raise MemoryError(f"no memory for the latency of {self.num_matches} matches, {self.c.late_size} bytes each")
        if latency is not None or self.c.is_public:
            self.c.scratches = <char *>calloc(self.num_matches, self.state_size)
            if self.c.scratches == NULL:
                raise MemoryError(f"no memory for {self.num_matches} states of {self.state_size} bytes")
        return 0

    cdef inline CamState *at(self, Py_ssize_t match) noexcept nogil:
        return cam_batch_state(&self.c, match)

    # -- the slice a call works on --

    cdef Py_ssize_t enter(self, int start, int stop) except -1:
        """Mark the slice busy and return where it stops."""
        if stop == -1:
            stop = self.num_matches
        if not 0 <= start <= stop <= self.num_matches:
            raise ValueError(f"slice is {start}..{stop}; it must lie in 0..{self.num_matches}")
        self.check_idle(start, stop)
        memset(self.busy + start, 1, stop - start)
        return stop

    cdef void leave(self, int start, Py_ssize_t stop) noexcept:
        memset(self.busy + start, 0, stop - start)

    cdef int check_idle(self, Py_ssize_t start, Py_ssize_t stop) except -1:
        """Refuse what another thread works on. It stays idle as long as the caller holds Python's lock."""
        if stop > start and memchr(self.busy + start, 1, stop - start) != NULL:
            raise RuntimeError("these matches are being stepped by another thread; give each thread its own slice")
        return 0

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
        cdef int size = <int>len(pool)
        cdef int32_t *copied = <int32_t *>_copy(pool, "pool", np.int32, 1)
        try:
            self.check_idle(0, self.num_matches)
        except RuntimeError:
            free(copied)
            raise
        free(self.c.pools[seat])
        self.c.pools[seat], self.c.pool_sizes[seat] = copied, size

    def set_bot(self, int match, int seat, int kind, int level):
        """Let a bot play a seat from the match's next reset on; kind 0 gives it back."""
        self.check_match(match)
        _check_range("seat", seat, 0, self.num_fighters - 1)
        _check_range("kind", kind, 0, CAM_NUM_BOTS - 1)
        if kind:
            _check_range("level", level, 1, cam_bot_max_level(kind))
        self.check_idle(match, match + 1)
        self.c.bot_kinds[match * self.num_fighters + seat] = kind
        self.c.bot_levels[match * self.num_fighters + seat] = level

    def set_script(self, int match, int seat, entries):
        """Give a seat the script that it plays as the bot openloop; None: one is drawn at the next reset."""
        cdef CamScript *script
        cdef CamScript given
        cdef Py_ssize_t k
        self.check_match(match)
        _check_range("seat", seat, 0, self.num_fighters - 1)
        script = &self.c.bots[match * self.num_fighters + seat].script
        if entries is None:
            self.check_idle(match, match + 1)
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
        memset(&given, 0, sizeof(CamScript))
        given.length = <uint8_t>len(rows)
        given.is_given = 1
        for k in range(len(rows)):
            given.direction[k], given.button[k], given.ticks[k] = rows[k]
        self.check_idle(match, match + 1)
        memcpy(script, &given, sizeof(CamScript))

    def set_max_steps(self, int max_steps):
        """Truncate matches after this many steps; 0 for never."""
        _check_range("max_steps", max_steps, 0, 2**30)
        self.check_idle(0, self.num_matches)
        self.c.max_steps = max_steps

    @property
    def max_steps(self):
        return self.c.max_steps

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
        cam_batch_start(&self.c, match, seed, loadouts)
        self.leave(match, stop)

    def advance(self, const int32_t[:, ::1] actions, int start=0, int stop=-1):
        """One step of every match in the slice."""
        cdef Py_ssize_t match, end
        self.check_shape("actions", (actions.shape[0], actions.shape[1]), (self.num_matches, self.num_fighters))
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                if not self.at(match).is_over:
                    cam_batch_advance(&self.c, match, &actions[match, 0])
        self.leave(start, end)

    def observe(self, float[:, :, ::1] out, int start=0, int stop=-1):
        """Write observations of the slice."""
        cdef Py_ssize_t match, end
        self.check_shape("out", (out.shape[0], out.shape[1], out.shape[2]), (self.num_matches, self.num_fighters, self.observation_size))
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                cam_batch_read(&self.c, match, &out[match, 0, 0], NULL)
        self.leave(start, end)

    def observe_seat(self, int seat, int observation, float[:, ::1] out, bint present=False):
        """Write what one seat sees of every match, as a preset other than the batch's may have it. `present`: nothing late or hidden."""
        cdef Py_ssize_t match, end
        _check_range("seat", seat, 0, self.num_fighters - 1)
        _check_range("observation", observation, 0, CAM_NUM_OBSERVATIONS - 1)
        self.check_shape("out", (out.shape[0], out.shape[1]), (self.num_matches, cam_observation_size(observation)))
        end = self.enter(0, -1)
        with nogil:
            for match in range(end):
                cam_observe(
                    self.at(match) if present else cam_batch_see(&self.c, match, seat), &self.data.c, seat, observation, &out[match, 0]
                )
        self.leave(0, end)

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
                cam_batch_read(&self.c, match, NULL, &out[match, 0, 0])
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
                cam_batch_rewards(&self.c, match, &rewards[match, 0])
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

    def last_buttons(self, uint8_t[:, ::1] out, int start=0, int stop=-1):
        """Write the button whose move each fighter started last."""
        cdef Py_ssize_t match, end
        cdef int seat
        self.check_shape("out", (out.shape[0], out.shape[1]), (self.num_matches, self.num_fighters))
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                for seat in range(self.num_fighters):
                    out[match, seat] = self.at(match).fighters[seat].last_button
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
            cut[match] = cam_batch_is_cut(&self.c, match)
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
        _check_range("autoreset", autoreset, CAM_NEXT_STEP, CAM_DISABLED)
        end = self.enter(start, stop)
        with nogil:
            for match in range(start, end):
                was_done = self.at(match).is_over or cam_batch_is_cut(&self.c, match)
                if was_done:
                    for seat in range(self.num_fighters):
                        rewards[match, seat] = 0
                    if autoreset != CAM_DISABLED:
                        cam_batch_start(&self.c, match, cam_next_seed(self.at(match).seed), NULL)
                        ended[match] = cut[match] = 0
                else:
                    cam_batch_advance(&self.c, match, &actions[match, 0])
                    cam_batch_rewards(&self.c, match, &rewards[match, 0])
                    ended[match] = self.at(match).is_over
                    cut[match] = cam_batch_is_cut(&self.c, match)
                    if autoreset == CAM_SAME_STEP and (ended[match] or cut[match]):
                        if keeps_final:
                            cam_batch_read(&self.c, match, &final[match, 0, 0], NULL)
                        cam_batch_start(&self.c, match, cam_next_seed(self.at(match).seed), NULL)
                cam_batch_read(&self.c, match, &observations[match, 0, 0], &masks[match, 0, 0])
        self.leave(start, end)

    # -- looking inside --

    def snapshot(self, int match):
        """State, bots, step count and latency of a match: all that its future depends on."""
        self.check_match(match)
        self.check_idle(match, match + 1)
        cdef Py_ssize_t row = <Py_ssize_t>match * self.num_fighters
        bots = (<char *>&self.c.bots[row])[:self.num_fighters * sizeof(CamBot)]
        steps = (<char *>&self.c.steps[match])[:sizeof(int32_t)]
        kinds = (<char *>&self.c.bot_kinds[row])[:self.num_fighters] + (<char *>&self.c.bot_levels[row])[:self.num_fighters]
        late = b"" if self.c.latencies == NULL else (<char *>cam_batch_latency(&self.c, match))[:self.c.late_size]
        return self.state(match) + bots + steps + kinds + late

    def restore(self, int match, bytes snapshot not None):
        """Put a match back as it was. Raises ValueError if a snapshot cannot be one of this batch's; the match then stays."""
        self.check_match(match)
        cdef Py_ssize_t bots = self.state_size, steps = bots + self.num_fighters * sizeof(CamBot)
        cdef Py_ssize_t kinds = steps + <Py_ssize_t>sizeof(int32_t), levels = kinds + self.num_fighters, late = levels + self.num_fighters
        cdef Py_ssize_t row = <Py_ssize_t>match * self.num_fighters
        cdef const char *source = snapshot
        cdef char *copied
        cdef int32_t step
        if len(snapshot) != late + <Py_ssize_t>self.c.late_size:
            raise ValueError(f"snapshot has {len(snapshot)} bytes; it must have {late + self.c.late_size}")
        for kind, level in zip(snapshot[kinds:levels], snapshot[levels:late]):
            if kind >= CAM_NUM_BOTS or level > cam_bot_max_level(kind) or kind and not level:
                raise ValueError(f"snapshot names a bot of kind {kind} and level {level}, which does not exist; it is damaged")
        memcpy(&step, source + steps, sizeof(int32_t))
        if not 0 <= step <= 2**30:
            raise ValueError(f"snapshot has taken {step} steps; it must be 0..{2**30}")
        copied = <char *>malloc(steps + self.c.late_size)   # where states, bots and latency are aligned
        if copied == NULL:
            raise MemoryError(f"no memory for a snapshot of {len(snapshot)} bytes")
        try:
            memcpy(copied, source, steps)
            memcpy(copied + steps, source + late, self.c.late_size)
            self.check_parts(<CamState *>copied, <CamBot *>(copied + bots), <CamLatency *>(copied + steps))
        finally:
            free(copied)
        self.enter(match, match + 1)
        memcpy(self.at(match), source, bots)
        memcpy(&self.c.bots[row], source + bots, steps - bots)
        self.c.steps[match] = step
        memcpy(&self.c.bot_kinds[row], source + kinds, self.num_fighters)
        memcpy(&self.c.bot_levels[row], source + levels, self.num_fighters)
        if self.c.latencies != NULL:
            memcpy(cam_batch_latency(&self.c, match), source + late, self.c.late_size)
        self.leave(match, match + 1)

    cdef int check_parts(self, const CamState *state, const CamBot *bots, const CamLatency *latency) except -1:
        """Refuse what no match of this batch can be in."""
        cdef const char *broken
        cdef int seat
        self.check_state(state)
        for seat in range(self.num_fighters):
            broken = cam_check_bot(&bots[seat], &self.data.c)
            if broken != NULL:
                raise ValueError(f"the bot of seat {seat} is unsound: {broken.decode()}")
        if self.c.latencies != NULL:
            broken = cam_check_latency(latency, self.c.delays, state, &self.data.c)
            if broken != NULL:
                raise ValueError(f"the latency is unsound: {broken.decode()}")
        return 0

    cdef int check_state(self, const CamState *state) except -1:
        if state.num_fighters != self.num_fighters:
            raise ValueError(f"the state has another number of fighters than this batch's {self.num_fighters}")
        if state.fighters[self.c.sizes[0] - 1].side != 0 or state.fighters[self.c.sizes[0]].side != 1:
            raise ValueError(f"the state has teams of other sizes than this batch's {self.sizes}")
        cdef const char *broken = cam_check_state(state, &self.data.c)
        if broken != NULL:
            raise ValueError(f"the state is unsound: {broken.decode()}")
        return 0

    def seen(self, int match, int seat):
        """The bytes of the state as a seat sees it: late, and without what is hidden from it."""
        self.check_match(match)
        _check_range("seat", seat, 0, self.num_fighters - 1)
        self.check_idle(match, match + 1)
        return (<char *>cam_batch_see(&self.c, match, seat))[:self.state_size]

    def state(self, int match):
        """The state's bytes."""
        self.check_match(match)
        self.check_idle(match, match + 1)
        return (<char *>self.at(match))[:self.state_size]

    def set_state(self, int match, bytes state not None):
        """Replace a state. Raises ValueError if it breaks an invariant; the old one then stays."""
        self.check_match(match)
        cdef const char *source = state
        cdef CamState *copied
        if len(state) != self.state_size:
            raise ValueError(f"state has {len(state)} bytes; it must have {self.state_size}")
        copied = <CamState *>malloc(self.state_size)
        if copied == NULL:
            raise MemoryError(f"no memory for a state of {self.state_size} bytes")
        memcpy(copied, source, self.state_size)
        try:
            self.check_state(copied)
            self.enter(match, match + 1)
            memcpy(self.at(match), copied, self.state_size)
            self.leave(match, match + 1)
        finally:
            free(copied)

    def hash(self, int match):
        """64-bit hash of the state."""
        self.check_match(match)
        self.check_idle(match, match + 1)
        return cam_hash(self.at(match))

    def hashes(self):
        """uint64, shape (num_matches,): the hash of each state."""
        out = np.empty(self.num_matches, dtype=np.uint64)
        cdef uint64_t[::1] view = out
        cdef Py_ssize_t match
        self.check_idle(0, self.num_matches)
        for match in range(self.num_matches):
            view[match] = cam_hash(self.at(match))
        return out

    def mirrored(self, int match):
        """The state seen in a mirror: sides swapped, x negated."""
        self.check_match(match)
        self.check_idle(match, match + 1)
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
        self.check_idle(match, match + 1)
        cdef const char *broken = cam_check_state(self.at(match), &self.data.c)
        return "" if broken == NULL else broken.decode()
