"""One duel for loops in Python: a step is one call, and what it returns is fresh."""

cimport cython
from cpython.dict cimport PyDict_Copy
from cpython.long cimport PyLong_AsLongAndOverflow
from cpython.object cimport PyObject
from libc.stdint cimport int8_t, int32_t, int64_t
from libc.string cimport memchr, memcpy, memmove
from arrays cimport (
    NPY_BYTE, NPY_FLOAT, NPY_INT64, PyArray_Check, PyArray_DATA, PyArray_DIMS, PyArray_ISCARRAY_RO, PyArray_NDIM, PyArray_SimpleNew,
    PyArray_TYPE, PyArrayObject,
)
from batch cimport (
    CAM_MASK_FACTORED, CAM_MASK_JOINT, CAM_MASK_OWN, cam_batch_advance, cam_batch_is_cut, cam_batch_read, cam_batch_rewards,
    cam_batch_see, cam_factor_mask,
)
from engine cimport (
    CAM_COUNT_ILLEGAL, CAM_NUM_ACTIONS, CAM_NUM_BUTTONS, CAM_NUM_DIRECTIONS, CAM_NUM_REWARD_TERMS, CamState, cam_action_mask,
    cam_observe, cam_reward_terms,
)

MASK_IN_OBS, MASK_IN_INFO, FLAT, NAMES_IN_INFO = 1, 2, 4, 8

cdef enum:
    _MASK_IN_OBS = 1
    _MASK_IN_INFO = 2
    _FLAT = 4
    _NAMES_IN_INFO = 8

cdef object _int64 = np.int64
cdef object _int32 = np.int32


cdef object _floats(Py_ssize_t count, float **numbers):
    """A fresh float32 array, and where its numbers go."""
    array = PyArray_SimpleNew(1, &count, NPY_FLOAT)
    numbers[0] = <float *>PyArray_DATA(<PyArrayObject *>array)
    return array


@cython.final
cdef class Duel:
    """The only match of a batch, between two agents. See _core.pyi."""

    cdef Batch batch
    cdef CamState *state
    cdef tuple agents, terms, term_keys
    cdef list names
    cdef int stack, size, form
    cdef int mask_sizes[2]
    cdef int32_t own[2][109]
    cdef int32_t actions[2]
    cdef float *frames
    cdef object frames_array, reward
    cdef list facts
    cdef int known[2]

    def __cinit__(self, Batch batch not None, *, tuple agents, list names, tuple terms, int form, tuple sizes, frames=None, reward=None):
        if batch.num_matches != 1 or batch.num_fighters != 2:
            raise ValueError(f"the batch has {batch.num_matches} matches of {batch.num_fighters}; it must have one duel")
        self.batch, self.agents, self.names, self.terms, self.reward = batch, agents, names, terms, reward
        self.state = cam_batch_state(&batch.c, 0)
        self.form, self.size, self.stack = form, batch.observation_size, 1
        self.mask_sizes = sizes
        for size in sizes:
            _check_range("size", size, 1, CAM_NUM_ACTIONS)
        if frames is not None:
            self.stack = len(frames)
            self.frames = <float *>_memory(frames, "frames", np.float32, self.stack * 2 * self.size)
            self.frames_array = frames
        self.term_keys = tuple([f"reward_{term}" for term in terms])
        self.facts = [None, None]
        self.known[0] = self.known[1] = -1

    # -- what happens --

    def set_own(self, list tables):
        """Take the ids that each seat owns, arrays of int32 in order, filled up with 108."""
        cdef int seat, k
        for seat in range(2):
            for k in range(self.mask_sizes[seat]):
                self.own[seat][k] = tables[seat][k]

    cpdef int plain_action(self, action, int seat) except? -1:
        """The id of an action that is of a common type and in range; -1 for all others."""
        cdef int overflow = 0
        cdef long long value
        cdef const int64_t *pair
        cdef const PyArrayObject *array
        if self.form == CAM_MASK_FACTORED:
            if not PyArray_Check(action):
                return -1
            array = <const PyArrayObject *>action
            if PyArray_TYPE(array) != NPY_INT64 or not PyArray_ISCARRAY_RO(array) or PyArray_NDIM(array) != 1:
                return -1
            pair = <const int64_t *>PyArray_DATA(array)
            if PyArray_DIMS(<PyArrayObject *>array)[0] != 2 or not (0 <= pair[0] < CAM_NUM_DIRECTIONS and 0 <= pair[1] < CAM_NUM_BUTTONS):
                return -1
            return pair[0] * CAM_NUM_BUTTONS + pair[1]
        kind = type(action)
        if kind is _int64 or kind is _int32:
            action = int(action)
        elif kind is not int:
            return -1
        value = PyLong_AsLongAndOverflow(action, &overflow)
        if overflow or not 0 <= value < self.mask_sizes[seat]:
            return -1
        return self.own[seat][value] if self.form == CAM_MASK_OWN else value

    cpdef int step(self, int first, int second) except -1:
        """Advance by two ids, and keep the frame if frames are kept here."""
        cdef size_t frame = <size_t>2 * self.size
        self.batch.enter(0, 1)
        self.actions[0], self.actions[1] = first, second
        with nogil:
            cam_batch_advance(&self.batch.c, 0, self.actions)
            if self.frames != NULL:
                memmove(self.frames + frame, self.frames, (self.stack - 1) * frame * sizeof(float))
                cam_batch_read(&self.batch.c, 0, self.frames, NULL)
        self.batch.leave(0, 1)
        return 0

    def play(self, actions, int form):
        """Step by a dict of plain actions and return `results`; None, and nothing done, if they are not plain."""
        cdef int first, second
        if type(actions) is not dict or len(<dict>actions) != 2 or self.state.is_over or cam_batch_is_cut(&self.batch.c, 0):
            return None
        one, two = (<dict>actions).get(self.agents[0]), (<dict>actions).get(self.agents[1])
        first, second = self.plain_action(one, 0), self.plain_action(two, 1)
        if first < 0 or second < 0:
            return None
        self.step(first, second)
        return self.results(form, None)

    # -- what is seen --

    def keep_first_frame(self):
        """Fill all frames with the present one."""
        cdef size_t frame = <size_t>2 * self.size
        cdef int k
        self.batch.check_idle(0, 1)
        if self.frames != NULL:
            cam_batch_read(&self.batch.c, 0, self.frames, NULL)
            for k in range(1, self.stack):
                memcpy(self.frames + k * frame, self.frames, frame * sizeof(float))

    def keep_present_frame(self):
        """Make the first of the frames the present one; the others stay."""
        self.batch.check_idle(0, 1)
        if self.frames != NULL:
            cam_batch_read(&self.batch.c, 0, self.frames, NULL)

    cdef void write_seen(self, int seat, float *out) noexcept:
        cdef int k
        if self.frames == NULL:
            cam_observe(cam_batch_see(&self.batch.c, 0, seat), self.batch.c.data, seat, self.batch.observation, out)
            return
        for k in range(self.stack):
            memcpy(out + k * self.size, self.frames + (2 * k + seat) * self.size, self.size * sizeof(float))

    cdef void write_mask(self, int seat, int8_t *out) noexcept:
        cdef int8_t joint[CAM_NUM_ACTIONS + 1]
        cdef int k
        if self.form == CAM_MASK_JOINT:
            cam_action_mask(self.state, self.batch.c.data, seat, out)
            return
        cam_action_mask(self.state, self.batch.c.data, seat, joint)
        joint[CAM_NUM_ACTIONS] = 0
        if self.form == CAM_MASK_FACTORED:
            cam_factor_mask(joint, out)
            return
        for k in range(self.mask_sizes[seat]):
            out[k] = joint[self.own[seat][k]]

    cpdef seen(self, int seat):
        """A fresh vector of what an agent sees, all frames in a row."""
        cdef float *out
        self.batch.check_idle(0, 1)
        array = _floats(self.stack * self.size, &out)
        self.write_seen(seat, out)
        return array

    cpdef mask(self, int seat):
        """A fresh mask of an agent's actions."""
        cdef Py_ssize_t size = self.mask_sizes[seat]
        self.batch.check_idle(0, 1)
        array = PyArray_SimpleNew(1, &size, NPY_BYTE)
        self.write_mask(seat, <int8_t *>PyArray_DATA(<PyArrayObject *>array))
        return array

    cdef object flat(self, int seat):
        """A fresh vector of what an agent sees and, after it, its mask."""
        cdef int8_t mask[CAM_NUM_ACTIONS]
        cdef float *out
        cdef int k
        self.batch.check_idle(0, 1)
        array = _floats(self.stack * self.size + self.mask_sizes[seat], &out)
        self.write_seen(seat, out)
        self.write_mask(seat, mask)
        for k in range(self.mask_sizes[seat]):
            out[self.stack * self.size + k] = mask[k]
        return array

    cpdef object observation(self, int seat, int form, seen=None):
        """An agent's observation in a form: a sum of MASK_IN_OBS, MASK_IN_INFO, FLAT and NAMES_IN_INFO. `seen`: in place of the vector."""
        if not form & _MASK_IN_OBS:
            return self.seen(seat) if seen is None else seen
        if form & _FLAT and seen is None:
            return self.flat(seat)
        return {"observation": self.seen(seat) if seen is None else seen, "action_mask": self.mask(seat)}

    cdef dict fact(self, int seat):
        """What does not change in a match, for an agent's info."""
        cdef int own = self.state.fighters[0].character, other = self.state.fighters[1].character
        cdef int k
        if self.known[0] != own or self.known[1] != other:
            self.known[0], self.known[1] = own, other
            for k in range(2):
                own, other = self.known[k], self.known[1 - k]
                self.facts[k] = {
                    "character_id": own, "opponent_character_id": other, "illegal_action": 0, "meaningful": True,
                    **dict.fromkeys(self.term_keys, 0.0),
                }
        return <dict>self.facts[seat]

    cpdef dict info(self, int seat, int form, mask=None):
        """An agent's fresh info. `mask`: the agent's, if it is at hand."""
        cdef float terms[CAM_NUM_REWARD_TERMS]
        cdef const int8_t *legal
        cdef int8_t own[CAM_NUM_ACTIONS]
        cdef int k
        self.batch.check_idle(0, 1)
        cdef dict info = PyDict_Copy(self.fact(seat))
        cam_reward_terms(self.state, self.batch.c.data, seat, terms)
        for k in range(CAM_NUM_REWARD_TERMS):
            if terms[k] != 0:
                info[self.term_keys[k]] = terms[k]
        if self.state.fighters[seat].counts[CAM_COUNT_ILLEGAL]:
            info["illegal_action"] = self.state.fighters[seat].counts[CAM_COUNT_ILLEGAL]
        if mask is not None:
            legal = <const int8_t *>PyArray_DATA(<PyArrayObject *>mask)
        else:
            self.write_mask(seat, own)
            legal = own
        if memchr(legal + 1, 1, self.mask_sizes[seat] - 1) == NULL:
            info["meaningful"] = False
        if form & _MASK_IN_INFO:
            info["action_mask"] = self.mask(seat)
        if form & _NAMES_IN_INFO:
            info["character"] = self.names[self.state.fighters[seat].character]
            info["opponent_character"] = self.names[self.state.fighters[1 - seat].character]
            info["reward_terms"] = {self.terms[k]: terms[k] for k in range(CAM_NUM_REWARD_TERMS)}
        return info

    cpdef tuple pair(self, int seat, int form, seen=None):
        """An agent's observation and info."""
        observation = self.observation(seat, form, seen)
        mask = (<dict>observation)["action_mask"] if type(observation) is dict else None
        return observation, self.info(seat, form, mask)

    cpdef tuple results(self, int form, seen):
        """What PettingZoo's parallel step returns. `seen`: a pair in place of the vectors."""
        cdef float rewards[2]
        first, second = self.agents
        one, two = (None, None) if seen is None else seen
        one, told = self.pair(0, form, one)
        two, also_told = self.pair(1, form, two)
        self.weigh(rewards)
        terminated, truncated = self.state.is_over != 0, cam_batch_is_cut(&self.batch.c, 0) != 0
        return (
            {first: one, second: two},
            {first: rewards[0], second: rewards[1]},
            {first: terminated, second: terminated},
            {first: truncated, second: truncated},
            {first: told, second: also_told},
        )

    # -- facts --

    cdef int weigh(self, float *rewards) except -1:
        """Write both agents' rewards of the last step."""
        cdef float[:, :, ::1] terms
        if self.reward is None:
            cam_batch_rewards(&self.batch.c, 0, rewards)
            return 0
        array = np.empty((1, 2, CAM_NUM_REWARD_TERMS), np.float32)
        terms = array
        cam_reward_terms(self.state, self.batch.c.data, 0, &terms[0, 0, 0])
        cam_reward_terms(self.state, self.batch.c.data, 1, &terms[0, 1, 0])
        rewards[0], rewards[1] = self.reward(array)[0]
        return 0

    @property
    def rewards(self):
        """A fresh float32 array of the last step's rewards, one an agent."""
        cdef float *out
        self.batch.check_idle(0, 1)
        array = _floats(2, &out)
        self.weigh(out)
        return array

    @property
    def reward_pair(self):
        """The last step's rewards as two floats."""
        cdef float rewards[2]
        self.batch.check_idle(0, 1)
        self.weigh(rewards)
        return rewards[0], rewards[1]

    @property
    def characters(self):
        """The indices of the two characters."""
        return self.state.fighters[0].character, self.state.fighters[1].character

    @property
    def illegal_actions(self):
        """How often each agent was told to do what it could not."""
        return self.state.fighters[0].counts[CAM_COUNT_ILLEGAL], self.state.fighters[1].counts[CAM_COUNT_ILLEGAL]

    @property
    def seed(self):
        return self.state.seed

    @property
    def tick(self):
        return self.state.tick

    @property
    def winner(self):
        return self.state.winner

    @property
    def is_terminated(self):
        return self.state.is_over != 0

    @property
    def is_truncated(self):
        return cam_batch_is_cut(&self.batch.c, 0) != 0

    @property
    def is_over(self):
        return self.state.is_over != 0 or cam_batch_is_cut(&self.batch.c, 0) != 0
