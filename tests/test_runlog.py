"""What a run shows while it trains."""

import json
import struct

import pytest
from rich.progress import Progress

from cam_arena.agents.runlog import RunLog, display, make_progress


def test_metrics_are_appended_as_lines(tmp_path):
    for name, step in (("first", 1), ("second", 2)):
        with RunLog(tmp_path, name, tensorboard=False) as log:
            log.write(step, 0.5, {"loss/value": 0.25})
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [(row["name"], row["step"], row["loss/value"]) for row in rows] == [
        ("first", 1, 0.25),
        ("second", 2, 0.25),
    ]


def test_event_files_hold_the_same(tmp_path):
    with RunLog(tmp_path, "policy", tensorboard=True) as log:
        log.write(7, 0.5, {"loss/value": 0.25})
    (events,) = (tmp_path / "tensorboard" / "policy").iterdir()
    data = events.read_bytes()
    assert b"loss/value" in data
    assert struct.pack("<f", 0.25) in data


def test_the_bar_moves_and_ends():
    bars = make_progress()
    with display(bars) as same:
        assert same is bars
    with display(None) as own:
        assert isinstance(own, Progress)


@pytest.mark.parametrize("fails", [False, True])
def test_a_bar_is_full_only_at_the_end(tmp_path, fails):
    bars = make_progress()
    try:
        with RunLog(tmp_path, "x", progress=bars, tensorboard=False) as log:
            log.write(1, 0.25, {"time/samples_per_second": 1234.0})
            assert bars.tasks[0].completed == 0.25
            assert bars.tasks[0].fields["note"] == "1,234 samples/s"
            if fails:
                raise KeyError
    except KeyError:
        pass
    assert bars.tasks[0].completed == (0.25 if fails else 1.0)
