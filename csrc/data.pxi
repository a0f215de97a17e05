"""What all matches share."""

from cpython.pycapsule cimport PyCapsule_New
from libc.stdint cimport int16_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset
from engine cimport (
    CAM_DESCRIPTOR_SIZE, CAM_MAX_FIGHTERS, CAM_MAX_TEAM, CAM_MAX_TICKS, CAM_PROFILE_SIZE, CamCharacter, CamData, CamEntityType,
    CamHit, CamLatency, CamMove, CamOp, CamRules, CamShape, CamState, CamUse, cam_check_data, cam_find_sources, cam_measure_uses, cam_shape,
    cam_signature, cam_state_size, cam_view_signature, cam_view_signature_size,
)


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
        cdef uint8_t *sources = <uint8_t *>malloc(self.c.num_entity_types + 1)
        if sources == NULL:
            raise MemoryError(f"no memory for the sources of {self.c.num_entity_types} entity types")
        cam_find_sources(&self.c, sources)
        self.c.sources = sources

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
        free(<void *>self.c.sources)

    def shapes(self, bytes states not None, int num_fighters=2):
        """What fighters show of the last tick: the boxes, armour, guard and phase by which it was judged.

        states: one state of num_fighters after another. Returns an array of DTYPES["shape"], (states, num_fighters).
        Raises ValueError if the length does not fit, or a state is not of this roster.
        """
        _check_range("num_fighters", num_fighters, 1, CAM_MAX_FIGHTERS)
        cdef size_t size = cam_state_size(num_fighters), k
        if len(states) % size:
            raise ValueError(f"states have {len(states)} bytes; it must be a multiple of {size}")
        cdef size_t count = len(states) // size
        cdef const char *source = states
        cdef int i
        shapes = np.zeros((count, num_fighters), DTYPES["shape"])
        cdef unsigned char[::1] view = shapes.reshape(-1).view(np.uint8)
        for k in range(count):
            if (<const CamState *>(source + k * size)).num_fighters != num_fighters:
                raise ValueError(f"a state has another number of fighters than {num_fighters}")
            for i in range(num_fighters):
                if not cam_shape(<const CamState *>(source + k * size), &self.c, i,
                                 <CamShape *>&view[(k * num_fighters + i) * sizeof(CamShape)]):
                    raise ValueError(f"fighter {i} of a state is not of this roster")
        return shapes

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


cdef int _take_sizes(sizes, int *taken) except -1:
    """Fighters of either side, and how many that are."""
    if len(sizes) != 2:
        raise ValueError(f"sizes are {sizes}; they must be two, fighters of either side")
    for side in range(2):
        _check_range(f"sizes[{side}]", sizes[side], 1, CAM_MAX_TEAM)
        taken[side] = sizes[side]
    return taken[0] + taken[1]


def signature(Data data not None, int num_matches, int num_ticks, sizes=(1, 1), *, bint views=False):
    """One number for the behaviour of the simulation with these data, or for late and public views of it: see signature.c."""
    cdef int teams[2]
    cdef int num_fighters = _take_sizes(sizes, teams)
    _check_range("num_matches", num_matches, 1, 2**20)
    _check_range("num_ticks", num_ticks, 1, CAM_MAX_TICKS)
    cdef size_t size = cam_state_size(num_fighters), late = cam_view_signature_size(num_fighters)
    cdef char *memory = <char *>malloc(2 * size + late)
    cdef uint64_t result
    if memory == NULL:
        raise MemoryError("no memory for a match")
    with nogil:
        if views:
            result = cam_view_signature(
                <CamState *>memory, <CamState *>(memory + size), <CamLatency *>(memory + 2 * size), &data.c, teams, num_matches,
                num_ticks,
            )
        else:
            result = cam_signature(<CamState *>memory, &data.c, teams, num_matches, num_ticks)
    free(memory)
    return result
