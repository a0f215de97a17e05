"""Watching: the keys of the window, and videos."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pygame
import pytest

from cam_arena import Match, cli
from cam_arena.opponents import resolve
from cam_arena.render.controls import PLAY_KEYS, WATCH_KEYS, Command
from cam_arena.render.record import Recorder
from cam_arena.render.viewer import Viewer
from cam_arena.render.watch import Screening, watch
from cam_arena.seated import Seated, play_ticks

Image = pytest.importorskip("PIL.Image")
ffmpeg = pytest.importorskip("imageio_ffmpeg")


@pytest.fixture
def screening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screening]:
    """Two bots as `watch` shows them, with policies' way of deciding."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("time.sleep", lambda _: None)
    match = Match(frame_skip=1, characters=(0, 1), max_seconds=2)
    words = ("masher:3", "zoner:3")
    seats = [Seated(match, seat, [resolve(word, match.roster)]) for seat, word in enumerate(words)]
    viewer = Viewer("human", match.roster)
    yield Screening(
        match, lambda seed: play_ticks(match, seats, seed=seed), viewer, ("a", "b"), seed=4
    )
    viewer.close()


def press(screening: Screening, key: int) -> None:
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))
    screening.advance()


def test_keys_of_a_watched_match(screening: Screening) -> None:
    screening.advance()
    press(screening, pygame.K_SPACE)
    tick = screening.match.tick
    screening.advance()
    assert screening.match.tick == tick > 0
    press(screening, pygame.K_RIGHT)
    assert screening.match.tick == tick + 1
    screening.advance()
    assert screening.match.tick == tick + 1
    press(screening, pygame.K_F1)
    press(screening, pygame.K_F2)
    assert screening.viewer.show_boxes and screening.viewer.show_meter
    press(screening, pygame.K_F3)
    assert screening.match.tick == tick + 2
    press(screening, pygame.K_n)
    assert (screening.match.seed, screening.match.tick) == (5, 1)
    press(screening, pygame.K_ESCAPE)
    assert screening.is_over


def test_speed_of_a_watched_match(screening: Screening) -> None:
    shown = []
    for key in (pygame.K_MINUS, *4 * [pygame.K_EQUALS]):
        press(screening, key)
        before = screening.match.tick
        screening.advance()
        shown.append((screening.speed, screening.viewer.fps, screening.match.tick - before))
    assert shown == [(0.5, 15, 1), (1, 30, 1), (2, 30, 2), (4, 40, 3), (8, 48, 5)]
    for _ in range(20):
        press(screening, pygame.K_MINUS)
    assert screening.speed == 0.0625


def test_a_watched_match_ends_by_itself_and_a_pause_holds_its_end(screening: Screening) -> None:
    while not screening.match.is_over:
        screening.advance()
    press(screening, pygame.K_SPACE)
    for _ in range(30):
        screening.advance()
    assert not screening.is_over
    press(screening, pygame.K_SPACE)
    screening.speed = 16.0
    for _ in range(10):
        screening.advance()
    assert screening.is_over


def test_no_key_has_two_meanings() -> None:
    for keys in (WATCH_KEYS, PLAY_KEYS):
        codes = [code for each in keys.values() for code in each]
        assert len(codes) == len(set(codes))
        assert {Command.PAUSE, Command.TICK, Command.LEAVE} <= set(keys)


def gif_durations(path: Path) -> list[int]:
    with Image.open(path) as image:
        durations = []
        for frame in range(image.n_frames):
            image.seek(frame)
            durations.append(image.info["duration"])
        return durations


@pytest.mark.parametrize("speed", [0.05, 0.3, 0.5, 1.0, 1.5, 4.0])
def test_a_gif_lasts_the_time_of_the_match(tmp_path: Path, speed: float) -> None:
    path = tmp_path / "match.gif"
    with Recorder(path, fps := 30 * speed / -(-30 * speed // 50)) as recorder:
        for k in range(count := round(2 * fps / speed)):
            recorder.add(np.full((90, 160, 3), k % 256, np.uint8))
    durations = gif_durations(path)
    assert len(durations) == count
    assert abs(sum(durations) - 2000 / speed) <= 10
    assert min(durations) >= 20, "players show shorter ones for a tenth of a second"
    assert max(durations) - min(durations) <= 10


def test_watch_records_a_gif(tmp_path: Path) -> None:
    path = tmp_path / "videos" / "match.gif"
    assert watch("masher:3", "zoner:3", seed=2, seconds=0.4, record=path) == -1
    durations = gif_durations(path)
    assert (len(durations), sum(durations)) == (12, 400)
    match = Match(2, frame_skip=1)
    match.set_bot(0, "masher:3")
    match.set_bot(1, "zoner:3")
    match.reset(2)
    viewer = Viewer("rgb_array", match.roster)
    with Image.open(path) as image:
        for frame in range(12):
            drawn = viewer.draw(match.state, ("masher:3", "zoner:3"))
            match.step([0, 0])
            image.seek(frame)
            shown = np.asarray(image.convert("RGB"))
            assert drawn is not None
            assert abs(shown.astype(int) - drawn).mean() < 4, f"frame {frame}"


@pytest.mark.parametrize(("speed", "frames"), [(0.07, 12), (1.0, 12), (4.0, 4)])
def test_watch_records_an_mp4(tmp_path: Path, speed: float, frames: int) -> None:
    path = tmp_path / "match.mp4"
    watch("masher:3", "zoner:3", seed=2, seconds=0.4, speed=speed, record=path)
    count, seconds = ffmpeg.count_frames_and_secs(path)
    assert count == frames
    assert seconds == pytest.approx(0.4 / speed, abs=0.02)


def test_watch_refuses_what_it_cannot_show(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.mp4 or \.gif"):
        watch(record=tmp_path / "match.avi", seconds=0.1)
    with pytest.raises(ValueError, match="there is no bot 'nobody'"):
        watch(left="nobody", record=tmp_path / "match.gif")
    for speed in (0, float("nan"), 21):
        with pytest.raises(ValueError, match=r"speed must be 0\.05\.\.20"):
            watch(speed=speed, record=tmp_path / "match.gif")
    for seconds in (-3, 0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="seconds must be over 0"):
            watch(seconds=seconds, record=tmp_path / "match.gif")
    assert list(tmp_path.iterdir()) == []
    assert cli.main(["watch", "--seconds", "-3", "--record", str(tmp_path / "a.mp4")]) == 2
    with pytest.raises(ValueError, match=r"fps must be over 0 and at most 50, got 60"):
        Recorder(tmp_path / "match.gif", 60)


def test_watch_without_pillow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(ImportError, match=r"Pillow.*pip install 'cam-arena\[video\]'"):
        watch(record=tmp_path / "match.gif", seconds=0.1)


@pytest.mark.parametrize("name", ["match.gif", "match.mp4"])
def test_the_file_is_checked_before_anything_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(Viewer, "draw", None)
    with pytest.raises(IsADirectoryError, match=name):
        watch(record=tmp_path / name)
    with pytest.raises(OSError, match="file"):
        watch(record=tmp_path / "file" / name)
    with pytest.raises(FileNotFoundError, match=name):  # nobody may make files there
        watch(record=Path("/proc/self") / name)


@pytest.mark.parametrize("name", ["match.gif", "match.mp4"])
def test_an_error_keeps_what_was_drawn(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("the old one")
    frame = np.zeros((90, 161, 3), np.uint8)

    def film(frames: int) -> None:
        with Recorder(path, 30) as recorder:
            for _ in range(frames):
                recorder.add(frame)
            assert path.read_text() == "the old one"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film(0)
    assert path.read_text() == "the old one"
    with pytest.raises(KeyboardInterrupt):
        film(7)
    if name.endswith("gif"):
        assert len(gif_durations(path)) == 7
    else:
        assert ffmpeg.count_frames_and_secs(path)[0] == 7
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["match.gif", "match.mp4"])
def test_a_full_disk_keeps_the_older_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("the old one")
    program = f"""
import numpy as np, resource, signal
from cam_arena.render.record import Recorder
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with Recorder({str(path)!r}, 30) as recorder:
        for k in range(30):
            recorder.add(np.random.default_rng(k).integers(0, 255, (180, 320, 3), np.uint8))
except OSError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert name in run.stdout and run.stdout.count("\n") == 1, run.stdout + run.stderr
    assert path.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["match.gif", "match.mp4"])
def test_ctrl_c_keeps_what_was_drawn(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("the old one")
    command = [sys.executable, "-m", "cam_arena.cli", "watch", "--record", str(path)]
    run = subprocess.Popen(command, start_new_session=True)
    partial = tmp_path / f".tmp-{run.pid}-{name}"
    enough = 300_000 if name.endswith("gif") else 30_000  # bytes: some frames are in the file
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (
        partial.exists() and partial.stat().st_size > enough
    ):
        time.sleep(0.05)
    assert path.read_text() == "the old one"
    os.killpg(run.pid, signal.SIGINT)  # a terminal's Ctrl-C reaches the whole group
    assert run.wait(60) == 130
    if name.endswith("gif"):
        assert len(gif_durations(path)) > 1
    else:
        assert ffmpeg.count_frames_and_secs(path)[0] > 1
    assert list(tmp_path.iterdir()) == [path]
