# cython: boundscheck=False, wraparound=False
"""Duels between bots from a list, played without Python. The C behind it is tournament.c; this file checks arrays."""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport uint8_t
from libc.stdlib cimport free, malloc

from engine cimport (
    CAM_BOT_NONE, CAM_NUM_BOTS, CAM_NUM_SOURCES, CamData, CamGame, CamGameResult, CamState, cam_bot_max_level, cam_play_game,
    cam_state_size,
)

import numpy as np

from . import _core

SOURCES = ("chain", "skill", "ultimate", "scroll", "companion", "trait", "slip", "effect")   # by CAM_SOURCE
assert len(SOURCES) == CAM_NUM_SOURCES


cdef _bytes(array, str name, str record, bint writable):
    """The array's bytes as a flat view; refuses what is not a list of that record."""
    if not isinstance(array, np.ndarray) or array.dtype != _core.DTYPES[record] or array.ndim != 1:
        raise TypeError(f"{name} must be a vector of dtype DTYPES['{record}']")
    if not array.flags.c_contiguous or (writable and not array.flags.writeable):
        raise ValueError(f"{name} must be contiguous{' and writable' if writable else ''}")
    return array.view(np.uint8)


def play(data, games, results, Py_ssize_t start=0, Py_ssize_t stop=-1, *, int frame_skip=3, int max_ticks=1800):
    capsule = data.capsule
    cdef const CamData *c = <const CamData *>PyCapsule_GetPointer(capsule, b"cam_arena.CamData")
    cdef const uint8_t[::1] given = _bytes(games, "games", "game", False)
    cdef uint8_t[::1] written = _bytes(results, "results", "result", True)
    cdef const CamGame *list_of_games
    cdef CamGameResult *list_of_results
    cdef CamState *state
    cdef Py_ssize_t i
    cdef int side, highest
    if stop == -1:
        stop = len(games)
    if len(results) != len(games):
        raise ValueError(f"results has {len(results)} rows; it must have one per game, {len(games)}")
    if not 0 <= start <= stop <= len(games):
        raise ValueError(f"slice is {start}..{stop}; it must lie in 0..{len(games)}")
    if not 1 <= frame_skip <= 30:
        raise ValueError(f"frame_skip is {frame_skip}; it must be 1..30")
    if not 1 <= max_ticks <= 18000:
        raise ValueError(f"max_ticks is {max_ticks}; it must be 1..18000")
    if start == stop:
        return
    list_of_games = <const CamGame *>&given[0]
    list_of_results = <CamGameResult *>&written[0]
    for i in range(start, stop):
        for side in range(2):
            if not 0 <= list_of_games[i].characters[side] < c.num_characters:
                raise ValueError(f"games[{i}]: character is {list_of_games[i].characters[side]}; it must be 0..{c.num_characters - 1}")
            if not -1 <= list_of_games[i].scrolls[side] < c.num_scrolls:
                raise ValueError(f"games[{i}]: scroll is {list_of_games[i].scrolls[side]}; it must be -1..{c.num_scrolls - 1}")
            if not -1 <= list_of_games[i].companions[side] < c.num_companions:
                raise ValueError(f"games[{i}]: companion is {list_of_games[i].companions[side]}; it must be -1..{c.num_companions - 1}")
            if not CAM_BOT_NONE < list_of_games[i].kinds[side] < CAM_NUM_BOTS:
                raise ValueError(f"games[{i}]: bot kind is {list_of_games[i].kinds[side]}; it must be 1..{CAM_NUM_BOTS - 1}")
            highest = cam_bot_max_level(list_of_games[i].kinds[side])
            if not 1 <= list_of_games[i].levels[side] <= highest:
                raise ValueError(f"games[{i}]: level is {list_of_games[i].levels[side]}; it must be 1..{highest}")
    state = <CamState *>malloc(cam_state_size(2))
    if state == NULL:
        raise MemoryError("no memory for a match")
    with nogil:
        for i in range(start, stop):
            cam_play_game(state, c, &list_of_games[i], frame_skip, max_ticks, &list_of_results[i])
    free(state)
