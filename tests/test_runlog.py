"""What a run shows while it trains."""

import json
import re
import struct
from dataclasses import replace

import pytest
from rich.progress import Progress

from cam_arena.agents import lines, selfplay
from cam_arena.agents.runlog import RunLog, display, make_progress, read_rows


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


def test_a_line_at_times_where_there_is_no_terminal(tmp_path, monkeypatch, capsys):
    config = selfplay.Config(
        out=tmp_path, minutes=None, steps=512, characters="core4", workers=1, matches=8, rollout=16,
        tensorboard=False,
    )  # fmt: skip
    monkeypatch.setattr(lines, "INTERVAL_S", 1e9)
    selfplay.train(config)
    assert "selfplay" not in capsys.readouterr().err
    monkeypatch.setattr(lines, "INTERVAL_S", 0.0)
    selfplay.train(replace(config, steps=1024))
    told = [line for line in capsys.readouterr().err.splitlines() if "selfplay: " in line]
    shares = [int(re.search(r": (\d+) %", line)[1]) for line in told]
    assert shares == sorted(shares) and shares[-1] == 100 and len(shares) >= 3
    pattern = r"cam-arena: selfplay: \d+ % \([\d,]+ samples/s\) \d:\d\d:\d\d left"
    assert re.fullmatch(pattern, told[1])
    selfplay.train(replace(config, steps=1536), progress=Progress(disable=True))
    assert "selfplay" not in capsys.readouterr().err


def test_a_line_is_written_once_an_interval_and_knows_the_time_left(monkeypatch, capsys):
    now = [100.0]
    monkeypatch.setattr(lines.time, "monotonic", lambda: now[0])
    bars = lines.Lines()
    task = bars.add_task("evaluation", total=400, note="")
    for done in range(41):
        now[0] = 100.0 + done
        bars.update(task, completed=done, note=f"{done} games")
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "cam-arena: evaluation: 4 % (15 games) 0:06:25 left",  # 385 more at one a second
        "cam-arena: evaluation: 8 % (30 games) 0:06:10 left",
    ]


def test_a_curve_is_cut_where_it_goes_on(tmp_path):
    for name in ("first", "second"):
        with RunLog(tmp_path, name, tensorboard=False) as log:
            for step in (10, 20, 30):
                log.write(step, 0.5, {"loss/value": 1.0})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"name": "first", "st')  # as a kill leaves it
    with RunLog(tmp_path, "first", begun=20, tensorboard=False) as log:
        log.write(25, 0.5, {"loss/value": 2.0})
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [(row["name"], row["step"]) for row in rows] == [
        ("first", 10), ("first", 20), ("second", 10), ("second", 20), ("second", 30), ("first", 25),
    ]  # fmt: skip


def test_of_what_was_logged_twice_the_later_counts(tmp_path):
    steps = [("a", 1), ("a", 2), ("b", 1), ("a", 3), ("a", 2), ("a", 4), ("b", 2)]
    path = tmp_path / "metrics.jsonl"
    rows = [{"name": name, "step": step, "at": at} for at, (name, step) in enumerate(steps)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [row["at"] for row in read_rows(path)] == [0, 2, 4, 5, 6]
