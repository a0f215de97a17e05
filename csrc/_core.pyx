# cython: boundscheck=False, wraparound=False, initializedcheck=False

"""The compiled simulation: matches in a batch. No rules live here; they are C, under csrc/."""

from arrays cimport _import_array
from engine cimport (
    CAM_DESCRIPTOR_SIZE, CAM_MAX_ACT_DELAY, CAM_MAX_SEE_DELAY, CAM_NUM_ACTIONS, CAM_NUM_BOTS, CAM_NUM_BUTTONS,
    CAM_NUM_DIRECTIONS, CAM_NUM_EFFECTS, CAM_PROFILE_SIZE, CAM_SCRIPT_LENGTH, cam_bot_max_level, cam_bot_name,
)

import numpy as np

_import_array()

NUM_ACTIONS = CAM_NUM_ACTIONS
NUM_BUTTONS = CAM_NUM_BUTTONS
NUM_DIRECTIONS = CAM_NUM_DIRECTIONS
NUM_EFFECTS = CAM_NUM_EFFECTS
DESCRIPTOR_SIZE = CAM_DESCRIPTOR_SIZE
PROFILE_SIZE = CAM_PROFILE_SIZE
MAX_SEE_DELAY = CAM_MAX_SEE_DELAY
MAX_ACT_DELAY = CAM_MAX_ACT_DELAY
SCRIPT_LENGTH = CAM_SCRIPT_LENGTH
OBSERVATIONS = {"full": 0, "tiny": 1, "entities": 2, "descriptor": 3, "squad": 4}
BOTS = {cam_bot_name(kind).decode(): kind for kind in range(1, CAM_NUM_BOTS)}
MAX_BOT_LEVELS = {name: cam_bot_max_level(kind) for name, kind in BOTS.items()}

# One module, so that its classes reach into each other without Python: the parts stand in files of their own.
include "tables.pxi"
include "data.pxi"
include "batch.pxi"
include "rows.pxi"
include "duel.pxi"
