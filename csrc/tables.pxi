"""The C structs and the observation as tables, for numpy and for the docs."""

from libc.stdint cimport uint64_t
from engine cimport (
    CAM_MAX_ENTITIES, CAM_MAX_HITS, CAM_NUM_OBSERVATIONS, CamObservationInfo, CamShape, cam_next_seed, cam_num_records,
    cam_observation_layout, cam_observation_size, cam_records,
)


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


# As CamShape in types.h.
_BOX = np.dtype([(name, "<i4") for name in ("x0", "x1", "y0", "y1", "z0", "z1")])
DTYPES["shape"] = np.dtype([
    ("hurt", _BOX), ("hits", _BOX, CAM_MAX_HITS), ("entity_hits", _BOX, CAM_MAX_ENTITIES), ("entity_bodies", _BOX, CAM_MAX_ENTITIES),
    *((name, "<i2") for name in ("tick", "phase_tick", "phase_ticks")),
    *((name, "u1") for name in ("striking", "entities_striking", "open", "is_safe", "has_push", "armour", "guard")),
    ("shape_reserved", "u1", 3),
])
assert DTYPES["shape"].itemsize == sizeof(CamShape)


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
