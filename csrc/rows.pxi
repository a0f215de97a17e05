"""Rows of many matches: arrays that every step writes again."""

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint64_t
from libc.string cimport memchr
from arrays cimport (
    NPY_INT32, NPY_INT64, PyArray_Check, PyArray_DATA, PyArray_DIMS, PyArray_ISCARRAY, PyArray_ISCARRAY_RO, PyArray_NDIM,
    PyArray_TYPE, PyArrayObject,
)
from batch cimport (
    CAM_DISABLED, CAM_FLOAT32, CAM_INT16_ONE, CAM_MASK_FACTORED, CAM_MASK_JOINT, CAM_MASK_OWN, CAM_MAX_OBSERVATION, CAM_NEXT_STEP,
    CAM_NUM_ENCODINGS, CamPool, CamRows, cam_encode, cam_pool_free, cam_pool_is_orphan, cam_pool_new, cam_pool_start, cam_pool_wait,
    cam_rows_follow, cam_rows_read, cam_rows_recall, cam_rows_step, cam_rows_take32, cam_rows_take64, cam_rows_task,
)
from engine cimport CAM_MAX_FIGHTERS, CAM_NUM_ACTIONS, CAM_NUM_REWARD_TERMS

ENCODINGS = {"float32": 0, "float16": 1, "int16": 2}
INT16_ONE = CAM_INT16_ONE
MASK_FORMS = {"discrete": CAM_MASK_JOINT, "multi_discrete": CAM_MASK_FACTORED, "own": CAM_MASK_OWN}

cdef enum:
    SLICES_PER_THREAD = 4   # more than one, so that a thread that is held up leaves work to the others


cdef void *_memory(array, str name, dtype, Py_ssize_t size) except? NULL:
    """Where an array's numbers lie."""
    if not PyArray_Check(array) or not PyArray_ISCARRAY(<PyArrayObject *>array):
        raise TypeError(f"{name} must be a contiguous array that can be written")
    if array.dtype != dtype or array.size != size:
        raise TypeError(f"{name} has dtype {array.dtype} and size {array.size}; it must have {np.dtype(dtype)} and {size}")
    return PyArray_DATA(<PyArrayObject *>array)


def encode(numbers, int encoding):
    """Numbers in [-1, 1], float32 of any length, as another of ENCODINGS."""
    _check_range("encoding", encoding, CAM_FLOAT32, CAM_NUM_ENCODINGS - 1)
    cdef const float *source = <const float *>_memory(numbers, "numbers", np.float32, len(numbers))
    out = np.empty(len(numbers), (np.float32, np.float16, np.int16)[encoding])
    cam_encode(source, <int>len(numbers), encoding, PyArray_DATA(<PyArrayObject *>out))
    return out


cdef class Rows:
    """What the agents in some seats of a batch's matches do and get, in arrays that stay. See _core.pyi."""

    cdef CamRows c
    cdef CamPool *pool
    cdef Batch batch
    cdef object arrays
    cdef bint is_started

    def __cinit__(
        self, Batch batch, arrays, *, bint has_frames=True, tuple seats=(0, 1), int stack=1, int encoding=0, int mask_form=0,
        bint is_flat=False, int autoreset=0, int num_threads=1,
    ):
        cdef Py_ssize_t matches = len(arrays.actions), rows = matches * len(seats)
        cdef int mask_size = arrays.masks.shape[2], fighters = arrays.actions.shape[1], k
        _check_range("fighters", fighters, 2, CAM_MAX_FIGHTERS)
        if not seats or sorted(set(seats)) != list(seats) or not 0 <= seats[0] <= seats[len(seats) - 1] < fighters:
            raise ValueError(f"seats are {seats}; they must be some of 0..{fighters - 1}, in order")
        _check_range("stack", stack, 1, 2**10)
        _check_range("encoding", encoding, CAM_FLOAT32, CAM_NUM_ENCODINGS - 1)
        _check_range("mask_form", mask_form, CAM_MASK_JOINT, CAM_MASK_OWN)
        _check_range("autoreset", autoreset, CAM_NEXT_STEP, CAM_DISABLED)
        _check_range("num_threads", num_threads, 1, 1024)
        _check_range("mask_size", mask_size, 1, CAM_NUM_ACTIONS)
        self.arrays = arrays
        self.c.num_matches, self.c.num_fighters, self.c.num_seats = matches, fighters, len(seats)
        for k in range(len(seats)):
            self.c.seats[k] = seats[k]
        self.c.stack, self.c.encoding, self.c.is_flat, self.c.autoreset = stack, encoding, is_flat, autoreset
        self.c.mask_form, self.c.mask_size = mask_form, mask_size
        self.c.actions = <int32_t *>_memory(arrays.actions, "actions", np.int32, fighters * matches)
        self.c.masks = <int8_t *>_memory(arrays.masks, "masks", np.int8, rows * self.c.mask_size)
        if mask_form == CAM_MASK_OWN:
            self.c.own = <int32_t *>_memory(arrays.own, "own", np.int32, rows * self.c.mask_size)
        if batch is None:
            return
        self.take_batch(batch, arrays, rows, has_frames)
        self.c.num_tasks = min(matches, num_threads * SLICES_PER_THREAD)
        self.pool = cam_pool_new(num_threads, self.c.num_tasks, cam_rows_task, &self.c)
        if self.pool == NULL:
            raise MemoryError(f"no memory for a pool of {num_threads} threads")

    cdef int take_batch(self, Batch batch, arrays, Py_ssize_t rows, bint has_frames) except -1:
        """Tie the arrays that steps write to the batch."""
        cdef int size = batch.observation_size * self.c.stack + (self.c.mask_size if self.c.is_flat else 0)
        if batch.num_matches != self.c.num_matches or batch.num_fighters != self.c.num_fighters:
            raise ValueError(
                f"the batch has {batch.num_matches} matches of {batch.num_fighters}; the rows are of {self.c.num_matches} of "
                f"{self.c.num_fighters}"
            )
        if batch.observation_size > CAM_MAX_OBSERVATION:
            raise ValueError(f"an observation has {batch.observation_size} numbers; rows hold at most {CAM_MAX_OBSERVATION}")
        self.batch = batch
        self.c.batch = &batch.c
        if has_frames:
            dtype = (np.float32, np.float16, np.int16)[self.c.encoding]
            self.c.frames = <char *>_memory(arrays.frames, "frames", dtype, rows * size)
        self.c.rewards = <float *>_memory(arrays.rewards, "rewards", np.float32, rows)
        self.c.terms = <float *>_memory(arrays.terms, "terms", np.float32, rows * CAM_NUM_REWARD_TERMS)
        self.c.illegal = <int32_t *>_memory(arrays.illegal, "illegal", np.int32, rows)
        self.c.characters = <int32_t *>_memory(arrays.characters, "characters", np.int32, rows)
        self.c.opponents = <int32_t *>_memory(arrays.opponents, "opponents", np.int32, rows)
        self.c.meaningful = <uint8_t *>_memory(arrays.meaningful, "meaningful", np.bool_, rows)
        self.c.terminated = <uint8_t *>_memory(arrays.terminated, "terminated", np.bool_, rows)
        self.c.truncated = <uint8_t *>_memory(arrays.truncated, "truncated", np.bool_, rows)
        self.c.begun = <uint8_t *>_memory(arrays.begun, "begun", np.bool_, self.c.num_matches)
        self.c.seeds = <uint64_t *>_memory(arrays.seeds, "seeds", np.uint64, self.c.num_matches)
        return 0

    def __dealloc__(self):
        cdef bint is_ended
        if self.pool != NULL:
            is_ended = self.is_started and not cam_pool_is_orphan(self.pool)
            with nogil:
                cam_pool_wait(self.pool)
                cam_pool_free(self.pool)
            if is_ended and self.batch is not None:   # None: the cycle collector took it
                self.batch.leave(0, self.c.num_matches)

    def take(self, given):
        """Take an action a row. Returns -1, the first row whose action is out of range, or -2 if `given` has another form."""
        cdef bint is_pair = self.c.mask_form == CAM_MASK_FACTORED
        cdef const PyArrayObject *array = <const PyArrayObject *>given
        cdef Py_ssize_t *shape
        if not PyArray_Check(given) or not PyArray_ISCARRAY_RO(array) or PyArray_NDIM(array) != 1 + is_pair:
            return -2
        shape = PyArray_DIMS(<PyArrayObject *>array)
        if shape[0] != <Py_ssize_t>self.c.num_matches * self.c.num_seats or is_pair and shape[1] != 2:
            return -2
        if PyArray_TYPE(array) == NPY_INT64:
            return cam_rows_take64(&self.c, <const int64_t *>PyArray_DATA(array))
        if PyArray_TYPE(array) == NPY_INT32:
            return cam_rows_take32(&self.c, <const int32_t *>PyArray_DATA(array))
        return -2

    def step(self):
        """Advance, reward, flag, begin what follows, observe and mask, and return when all is done."""
        self.batch.enter(0, -1)
        if self.c.num_tasks == 1 or cam_pool_start(self.pool, False) < 0:
            with nogil:
                cam_rows_step(&self.c, 0, self.c.num_matches)
        else:
            with nogil:
                cam_pool_wait(self.pool)
        self.batch.leave(0, self.c.num_matches)

    def start(self):
        """Begin a step on other threads than the caller's, which `wait` ends."""
        self.batch.enter(0, -1)
        if cam_pool_start(self.pool, True) < 0:
            self.batch.leave(0, self.c.num_matches)
            raise RuntimeError("no thread can be started")
        self.is_started = True

    def wait(self):
        """Lend a hand until the step that was begun is done."""
        if not self.is_started:
            return
        if cam_pool_is_orphan(self.pool):
            raise RuntimeError("the step was begun in another process, which this one was forked from: its threads are not here")
        with nogil:
            cam_pool_wait(self.pool)
        self.is_started = False
        self.batch.leave(0, self.c.num_matches)

    def begin(self, matches):
        """Note what is seen of all matches; those of a mask, bool of shape (M,), have just begun."""
        cdef const uint8_t[:] begun = matches.view(np.uint8)
        cdef Py_ssize_t match
        self.batch.check_shape("matches", (begun.shape[0],), (self.c.num_matches,))
        self.batch.enter(0, -1)
        with nogil:
            for match in range(self.c.num_matches):
                cam_rows_read(&self.c, match, begun[match])
        self.batch.leave(0, self.c.num_matches)

    def follow(self, matches):
        """Begin the matches after those of a mask, bool of shape (M,)."""
        cdef const uint8_t[:] over = matches.view(np.uint8)
        cdef Py_ssize_t match
        self.batch.check_shape("matches", (over.shape[0],), (self.c.num_matches,))
        self.batch.enter(0, -1)
        with nogil:
            for match in range(self.c.num_matches):
                if over[match]:
                    cam_rows_follow(&self.c, match)
        self.batch.leave(0, self.c.num_matches)

    def recall(self, int match):
        """Note all that is known of a match that was put back as it was; of its frames, the present one."""
        self.batch.check_match(match)
        self.batch.enter(match, match + 1)
        cam_rows_recall(&self.c, match)
        self.batch.leave(match, match + 1)
