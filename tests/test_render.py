"""The renderer: pictures of states, with and without a window."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pygame
import pytest
from numpy.typing import NDArray

from cam_arena import Match, load_roster
from cam_arena.render.appearance import appearance
from cam_arena.render.frame import State, read_frame
from cam_arena.render.gallery import draw_lineup, draw_standing
from cam_arena.render.icons import EFFECT_SIGNS
from cam_arena.render.play import Session, play
from cam_arena.render.viewer import Viewer
from cam_arena.render.watch import watch
from cam_arena.roster.codes import Button, Direction, Effect

SIZE = (960, 540)


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A window that nobody sees."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    yield
    pygame.display.quit()


def fight(ticks: int, *, seed: int = 3, characters: object = (0, 1)) -> Match:
    match = Match(seed, frame_skip=1, characters=characters)
    match.set_bot(0, "masher:5")
    match.set_bot(1, "masher:5")
    match.reset(seed)
    for _ in range(ticks):
        if not match.is_over:
            match.step([0, 0])
    return match


def until(match: Match, state: State, seat: int | None = None, limit: int = 1800) -> Match:
    """Go on until a fighter is in a state."""
    for _ in range(limit):
        fighters = read_frame(match.state, match.roster).fighters
        if any(f.state == state and seat in (None, f.index) for f in fighters):
            return match
        match.step([0, 0])
    raise AssertionError(f"nobody was in {state!r}")


def picture(match: Match, **options: object) -> NDArray[np.uint8]:
    viewer = Viewer("rgb_array", match.roster, **options)  # type: ignore[arg-type]
    pixels = viewer.draw(match.state)
    viewer.close()
    assert pixels is not None
    return pixels


def test_draw_returns_a_picture_of_the_asked_size() -> None:
    match = fight(40)
    for size in (SIZE, (640, 360), (200, 120), (1280, 720)):
        pixels = picture(match, size=size)
        assert pixels.shape == (size[1], size[0], 3)
        assert pixels.dtype == np.uint8
        assert pixels.flags.c_contiguous and pixels.flags.writeable
        assert len(np.unique(pixels.reshape(-1, 3)[::7], axis=0)) > 200


def test_rgb_array_needs_no_display_and_opens_none() -> None:
    program = """
import cam_arena, pygame, sys
from cam_arena.render.viewer import Viewer
match = cam_arena.Match(1)
pixels = Viewer("rgb_array", match.roster).draw(match.state)
assert pixels.shape == (540, 960, 3) and pixels.std() > 20, pixels.std()
assert not pygame.display.get_init()
"""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "XDG_RUNTIME_DIR")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    run = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == "", "pygame must not greet on standard output"


def test_import_of_the_package_does_not_import_pygame() -> None:
    program = "import cam_arena, sys; assert 'pygame' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_draw_leaves_the_state_alone() -> None:
    state = fight(90).state.copy()
    before = state.tobytes()
    Viewer("rgb_array", load_roster()).draw(state)
    assert state.tobytes() == before


def test_same_states_give_the_same_pictures() -> None:
    def film() -> list[bytes]:
        match, viewer = fight(60), Viewer("rgb_array", load_roster())
        frames = []
        for _ in range(20):
            match.step([0, 0])
            pixels = viewer.draw(match.state)
            assert pixels is not None
            frames.append(pixels.tobytes())
        return frames

    assert film() == film()


def test_characters_differ_in_outline_and_not_only_in_colour() -> None:
    roster = load_roster()
    firsts = {c.school.name: c for c in reversed(roster.characters)}
    assert len(firsts) == 16
    masks = {}
    for school, character in firsts.items():
        look = appearance(character.name, character.palette, character.silhouette)
        image, origin = draw_standing(look, 120.0)
        canvas = pygame.Surface((400, 300), pygame.SRCALPHA)
        canvas.blit(image, (200 - origin[0], 260 - origin[1]))
        masks[school] = pygame.surfarray.array_alpha(canvas) > 127
    for (one, a), (two, b) in combinations(masks.items(), 2):
        difference = np.logical_xor(a, b).sum() / np.logical_or(a, b).sum()
        assert difference > 0.15, f"{one} and {two} look alike: outlines differ by {difference:.2f}"


def test_line_up_shows_every_school() -> None:
    surface = draw_lineup(load_roster())
    assert surface.get_size() == (8 * 180, 2 * 256)


def test_boxes_change_the_picture_where_the_fighters_are_and_not_above_them() -> None:
    match = until(fight(30), State.ACTIVE)
    plain, boxed = picture(match), picture(match, show_boxes=True)
    changed = (plain != boxed).any(axis=2)
    assert changed[150:430].sum() > 2000
    assert not changed[:60].any(), "the panels at the top have no boxes"


def test_active_hit_is_drawn_where_its_box_is() -> None:
    match = until(fight(30), State.ACTIVE)
    while not any(f.boxes for f in read_frame(match.state, match.roster).fighters):
        match.step([0, 0])
    state = match.state.copy()
    index = next(f.index for f in read_frame(state, match.roster).fighters if f.boxes)
    quiet = state.copy()
    quiet["fighters"][index]["state"] = State.RECOVERY
    roster = match.roster
    loud_frame, quiet_frame = read_frame(state, roster), read_frame(quiet, roster)
    assert loud_frame.fighters[index].boxes and not quiet_frame.fighters[index].boxes
    box = loud_frame.fighters[index].boxes[0]
    assert box.x0 < box.x1 and box.y0 < loud_frame.fighters[index].y < box.y1
    first, second = Viewer("rgb_array", roster), Viewer("rgb_array", roster)
    assert (first.draw(state) != second.draw(quiet)).any()


@pytest.mark.parametrize("state", list(State))
def test_every_fighter_state_is_drawn_in_its_own_way(state: State) -> None:
    match = fight(0)
    record = match.state.copy()
    standing = Viewer("rgb_array", match.roster).draw(record)
    record["fighters"][0]["state"] = state
    record["fighters"][0]["timer"] = 10
    record["fighters"][0]["state_ticks"] = 3
    if state in (State.STARTUP, State.ACTIVE, State.RECOVERY, State.HOLD):
        record["fighters"][0]["move"] = match.roster[0].chain[0].index
        record["fighters"][0]["move_tick"] = 2
    if state == State.WALK:
        record["fighters"][0]["vx"] = 120
    drawn = Viewer("rgb_array", match.roster).draw(record)
    assert drawn is not None and standing is not None
    assert ((drawn != standing).any(axis=2).sum() > 400) == (state != State.NEUTRAL)


def test_every_effect_has_a_sign() -> None:
    assert set(EFFECT_SIGNS) == set(Effect)


def test_every_entity_type_and_mark_can_be_drawn() -> None:
    match = fight(0)
    record = match.state.copy()
    viewer = Viewer("rgb_array", match.roster)
    empty = viewer.draw(record)
    for index in range(len(match.roster.entity_types)):
        entity = record["fighters"][0]["entities"][0]
        entity["type"], entity["age"], entity["ttl"], entity["facing"] = index, 20, 40, 1
        entity["x"], entity["z"], entity["hp"], entity["strike_tick"] = 0, 400, 100, -1
        entity["vx"], entity["hits_left"] = 120, 1
        record["fighters"][1]["mark"] = index % 10
        shown = viewer.draw(record)
        assert shown is not None and empty is not None
        assert (shown[200:480, 300:660] != empty[200:480, 300:660]).any(), (
            match.roster.entity_types[index].name
        )


def test_match_end_is_announced() -> None:
    match = fight(0)
    record = match.state.copy()
    viewer = Viewer("rgb_array", match.roster)
    before = viewer.draw(record)
    record["is_over"], record["winner"] = 1, 1
    record["fighters"][0]["state"], record["fighters"][0]["hp"] = State.KO, 0
    first = viewer.draw(record)
    for _ in range(30):
        last = viewer.draw(record)
    assert before is not None and first is not None and last is not None
    assert (first[90:220] != before[90:220]).mean() > 0.3
    assert (last != first).any(), "the fall goes on although the state stands still"


def test_another_match_begins_with_a_clean_picture() -> None:
    viewer = Viewer("rgb_array", load_roster())
    viewer.draw(until(fight(0), State.LAUNCHED).state)
    fresh = fight(0, seed=8).state
    assert (viewer.draw(fresh) == Viewer("rgb_array", load_roster()).draw(fresh)).all()


def test_more_than_two_fighters_are_drawn() -> None:
    duel = fight(0).state
    names = [name for name in duel.dtype.names if name != "fighters"]
    fighter = duel["fighters"].dtype
    squad = np.zeros((), [(n, duel.dtype[n]) for n in names] + [("fighters", fighter, (6,))])
    for name in names:
        squad[name] = duel[name]
    squad["num_fighters"] = 6
    for i in range(6):
        squad["fighters"][i] = duel["fighters"][i % 2]
        squad["fighters"][i]["y"] = -1500 + 600 * i
    viewer = Viewer("rgb_array", load_roster())
    six = viewer.draw(squad, tuple(f"fighter_{i}" for i in range(6)))
    two = Viewer("rgb_array", load_roster()).draw(duel)
    assert six is not None and two is not None
    assert (six != two).any(axis=2).sum() > 10_000


def test_wrong_arguments_are_refused() -> None:
    roster = load_roster()
    with pytest.raises(ValueError, match="render_mode must be one of human, rgb_array, got 'ansi'"):
        Viewer("ansi", roster)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="size must be at least 160 x 90"):
        Viewer("rgb_array", roster, size=(100, 60))
    with pytest.raises(ValueError, match="a state is one record"):
        Viewer("rgb_array", roster).draw(np.zeros(3))


def test_close_twice_and_draw_after_it() -> None:
    match = fight(0)
    viewer = Viewer("rgb_array", match.roster)
    viewer.close()
    viewer.close()
    assert viewer.is_closed
    assert viewer.draw(match.state) is None


def test_window_closes_when_the_user_closes_it(no_screen: None) -> None:
    match = fight(0)
    viewer = Viewer("human", match.roster, fps=0)
    assert viewer.draw(match.state) is None
    assert pygame.display.get_surface() is not None
    assert not viewer.is_closed
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    viewer.draw(match.state)
    assert viewer.is_closed
    assert not pygame.display.get_init()
    assert viewer.draw(match.state) is None


def test_watch_records_a_gif(tmp_path: Path) -> None:
    imageio = pytest.importorskip("imageio.v2")
    path = tmp_path / "videos" / "match.gif"
    assert watch("masher:3", "zoner:3", seed=2, seconds=0.4, record=path) == -1
    frames = imageio.mimread(path)
    assert len(frames) == 12
    assert frames[0].shape[:2] == (540, 960)
    assert (frames[0][..., :3] != frames[-1][..., :3]).any()


def test_watch_records_an_mp4(tmp_path: Path) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    path = tmp_path / "match.mp4"
    watch("masher:3", "zoner:3", seed=2, seconds=0.4, record=path)
    frames, seconds = ffmpeg.count_frames_and_secs(path)
    assert frames == 12
    assert seconds == pytest.approx(0.4, abs=0.05)


def test_watch_refuses_other_files_and_bots(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.mp4 or \.gif"):
        watch(record=tmp_path / "match.avi", seconds=0.1)
    with pytest.raises(ValueError, match="there is no bot 'nobody'"):
        watch(left="nobody", record=tmp_path / "match.gif")
    with pytest.raises(ValueError, match="speed"):
        watch(speed=0, record=tmp_path / "match.gif")


def test_watch_without_imageio_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imageio", None)
    monkeypatch.setitem(sys.modules, "imageio.v2", None)
    with pytest.raises(ImportError, match=r"pip install 'cam-arena\[agents\]'"):
        watch(record=tmp_path / "match.gif", seconds=0.1)


def press(session: Session, key: int, ticks: int = 1) -> None:
    """Hold a key for some ticks, then let it go."""
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))
    for _ in range(ticks):
        session.advance()
    pygame.event.post(pygame.event.Event(pygame.KEYUP, key=key))
    session.advance()


@pytest.fixture
def session(no_screen: None) -> Iterator[Session]:
    match = Match(5, frame_skip=1, characters=(0, 1))
    viewer = Viewer("human", match.roster, fps=0)
    yield Session(match, viewer, "idle:1", 5)
    viewer.close()


@pytest.mark.parametrize(
    ("key", "axis", "sign"),
    [
        (pygame.K_d, "x", 1),
        (pygame.K_LEFT, "x", -1),
        (pygame.K_w, "y", 1),
        (pygame.K_DOWN, "y", -1),
    ],
)
def test_keys_walk_the_fighter(session: Session, key: int, axis: str, sign: int) -> None:
    before = int(session.match.state["fighters"][0][axis])
    press(session, key, 8)
    assert sign * (int(session.match.state["fighters"][0][axis]) - before) > 200


def test_attack_key_starts_one_move(session: Session) -> None:
    press(session, pygame.K_j)
    fighter = session.match.state["fighters"][0]
    assert fighter["move"] == session.match.roster[0].moves["attack"].index
    for _ in range(40):
        session.advance()
    assert session.match.state["fighters"][0]["move"] == -1, "a press counts once"


def test_pause_one_tick_and_restart(session: Session) -> None:
    press(session, pygame.K_F3)
    tick = session.match.tick
    session.advance()
    assert session.match.tick == tick
    press(session, pygame.K_F10)
    assert session.match.tick == tick + 1
    press(session, pygame.K_r)
    assert session.match.seed == 6
    assert session.match.tick <= 2


def test_boxes_meter_and_leaving(session: Session) -> None:
    press(session, pygame.K_F1)
    press(session, pygame.K_F2)
    assert session.viewer.show_boxes and session.viewer.show_meter
    press(session, pygame.K_ESCAPE)
    assert session.is_left


def test_charge_key_let_go_releases(no_screen: None) -> None:
    roster = load_roster()
    moves = roster.arrays["moves"]
    character, button = next(
        (c.index, name)
        for c in roster
        for name in ("skill1", "skill2")
        if moves[c.moves[name].index]["hold_max"] > 8
    )
    match = Match(5, frame_skip=1, characters=(character, 0))
    viewer = Viewer("human", roster, fps=0)
    session = Session(match, viewer, "idle:1", 5)
    key = {"skill1": pygame.K_k, "skill2": pygame.K_l}[button]
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))
    for _ in range(40):
        session.advance()
        if match.state["fighters"][0]["state"] == State.HOLD:
            break
    session.advance()
    assert match.state["fighters"][0]["state"] == State.HOLD
    pygame.event.post(pygame.event.Event(pygame.KEYUP, key=key))
    session.advance()
    session.advance()
    assert match.state["fighters"][0]["state"] == State.ACTIVE
    viewer.close()


def test_two_people_share_the_keyboard(no_screen: None) -> None:
    match = Match(5, frame_skip=1, characters=(0, 1))
    viewer = Viewer("human", match.roster, fps=0)
    session = Session(match, viewer, None, 5)
    before = [int(f["x"]) for f in match.state["fighters"]]
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_d))
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_LEFT))
    for _ in range(8):
        session.advance()
    after = [int(f["x"]) for f in match.state["fighters"]]
    assert after[0] > before[0] + 200 and after[1] < before[1] - 200
    viewer.close()


def test_play_ends_when_the_window_is_closed(no_screen: None) -> None:
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert play("idle:1", speed=20.0) == (0, 0)


def test_held_keys_become_directions() -> None:
    from cam_arena.game.actions import action_id
    from cam_arena.render.keyboard import ONE_PLAYER, Player

    player = Player(ONE_PLAYER, mirrored=True)
    for key in (pygame.K_d, pygame.K_w, pygame.K_k):
        player.take(pygame.event.Event(pygame.KEYDOWN, key=key))
    assert player.action(is_holding=False) == action_id(Direction.NW, Button.SKILL1)
    assert player.action(is_holding=False) == action_id(Direction.NW, Button.NONE)
