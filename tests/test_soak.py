"""Training again and again: memory, files and threads stay what they were, and so does the speed.

`CAM_ARENA_SOAK_MINUTES` says for how long: 4 by default, 360 for the whole test.
"""

import os
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from cam_arena.agents import cam, neupl, psro, selfplay, simplex_neupl
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population_run import Sizes

MINUTES = float(os.environ.get("CAM_ARENA_SOAK_MINUTES", "4"))
LEARNER = LearnerConfig(epochs=1, minibatch=256, precision="float32")
NETWORK = NetworkConfig((16, 16), 8, 4, 4, 16)
SIZES = Sizes(2, 1_000, 8, 8, 4, 4, LEARNER, NETWORK)
POPULATION = dict(characters="core4", workers=1, tensorboard=False, sizes=SIZES)
TINY = replace(
    cam.PRESETS["smoke"], generations=1, generation_steps=1_000, specialist_steps=500, matches=8,
    specialist_matches=8, rollout=8, evaluation_games=2, shared=LEARNER, specialist=LEARNER,
    network=NETWORK,
)  # fmt: skip
SCHEMES = {
    psro: psro.Config(**POPULATION),
    neupl: neupl.Config(**POPULATION),
    simplex_neupl: simplex_neupl.Config(**POPULATION),
    selfplay: selfplay.Config(
        steps=2_000, characters="core4", workers=1, matches=8, rollout=8, learner=LEARNER,
        network=NETWORK, solver="nash", snapshots=2, evaluation_games=8, tensorboard=False,
    ),
    cam: cam.Config(preset="smoke", characters="core4", workers=1, tensorboard=False),
}  # fmt: skip


def resident_mib():
    with open("/proc/self/statm", encoding="utf-8") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_training_for_long_takes_no_more_of_anything(tmp_path, monkeypatch):
    monkeypatch.setitem(cam.PRESETS, "smoke", TINY)
    begun, rounds = time.monotonic(), []
    while time.monotonic() < begun + 60 * MINUTES or len(rounds) < 6:
        start = time.process_time()
        for module, config in SCHEMES.items():  # each evaluates its members among themselves
            module.train(replace(config, out=tmp_path / f"{module.__name__} {len(rounds)}"))
        spent = time.process_time() - start
        files = len(os.listdir("/proc/self/fd"))
        hours = (time.monotonic() - begun) / 3600
        rounds.append((hours, resident_mib(), files, threading.active_count(), spent))
    late = np.array(rounds[max(2, len(rounds) // 3) :])  # caches are full by then
    hours, memory, files, threads, spent = late.T
    assert np.ptp(files) == 0, files
    assert np.ptp(threads) == 0, threads
    slope = np.polyfit(hours, memory, 1)[0]
    assert slope < 1 or np.ptp(memory) < (2 if MINUTES >= 60 else 16), (slope, memory)
    # Of processor time, so that what else the machine does counts for little.
    half = len(spent) // 2
    change = np.median(spent[half:]) / np.median(spent[:half])
    assert change < (1.05 if MINUTES >= 60 else 1.5), spent
