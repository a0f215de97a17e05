"""Windows side by side, and what other programs do with pygame around them."""

import copy
from collections.abc import Iterator

import pygame
import pytest

from cam_arena import Match, duel_v0
from cam_arena.render.viewer import Viewer

IDLE = {"fighter_0": 0, "fighter_1": 0}


@pytest.fixture(autouse=True)
def no_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Windows that nobody sees."""
    pygame.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield
    pygame.quit()


def human():
    env = duel_v0.parallel_env(render_mode="human", characters=(0, 1), frame_skip=6)
    env.metadata["render_fps"] = 0  # never wait
    env.reset(seed=0)
    return env


def shows(window: pygame.Window) -> bool:
    """Whether there is a picture in a window, and not one colour."""
    return bool(pygame.surfarray.array3d(window.get_surface()).std() > 20)


def test_closing_one_window_leaves_the_other_and_the_users_own() -> None:
    pygame.display.init()
    screen = pygame.display.set_mode((320, 200))
    one, other = human(), human()
    assert one._viewer.window is not other._viewer.window
    one.close()
    other.step(IDLE)
    assert shows(other._viewer.window)
    twin = copy.deepcopy(other)
    twin.step(IDLE)
    assert twin._viewer.window is not other._viewer.window and shows(twin._viewer.window)
    twin.close()
    other.step(IDLE)
    other.close()
    screen.fill((1, 2, 3))
    pygame.display.flip()
    assert pygame.display.get_surface() is screen and screen.get_size() == (320, 200)


def test_events_of_other_windows_stay_in_the_queue() -> None:
    pygame.display.init()
    pygame.display.set_mode((320, 200))
    mine = pygame.Window("mine", (100, 80))
    env, other = human(), human()
    pygame.event.clear()
    theirs = pygame.event.Event(pygame.KEYDOWN, key=pygame.K_a, window=mine)
    pygame.event.post(theirs)
    pygame.event.post(pygame.event.Event(pygame.USEREVENT, code=7))
    pygame.event.post(
        pygame.event.Event(pygame.KEYDOWN, key=pygame.K_b, window=other._viewer.window)
    )
    env.step(IDLE)
    assert not [event for event in env._viewer.events if event.type == pygame.KEYDOWN]
    left = pygame.event.get((pygame.KEYDOWN, pygame.USEREVENT))
    assert [event.type for event in left] == [pygame.KEYDOWN, pygame.USEREVENT]
    assert left[0].window is mine and left[1].code == 7
    other.step(IDLE)
    keys = [event.key for event in other._viewer.events if event.type == pygame.KEYDOWN]
    assert keys == [pygame.K_b]


def test_only_the_window_whose_button_was_clicked_closes() -> None:
    one, other = human(), human()
    pygame.event.post(pygame.event.Event(pygame.WINDOWCLOSE, window=one._viewer.window))
    other.step(IDLE)
    one.step(IDLE)
    assert one._viewer.is_closed and not other._viewer.is_closed
    other.step(IDLE)
    assert shows(other._viewer.window)


def test_events_that_nobody_reads_do_not_pile_up() -> None:
    env = human()
    for code in range(2000):
        pygame.event.post(pygame.event.Event(pygame.USEREVENT, code=code))
    env.step(IDLE)
    env.step(IDLE)
    left = pygame.event.get(pygame.USEREVENT)
    assert len(left) <= 256 and left[-1].code == 1999


@pytest.mark.parametrize(
    "leave",
    [
        lambda: pygame.quit(),
        lambda: (pygame.quit(), pygame.font.init(), pygame.display.init()),
        lambda: pygame.font.quit(),
        lambda: (pygame.display.quit(), pygame.display.init()),
    ],
    ids=["quit", "quit and init", "font", "display"],
)
def test_drawing_survives_what_others_end(leave) -> None:
    match = Match(0, frame_skip=6, characters=(0, 1))
    viewer, env = Viewer("rgb_array", match.roster), human()
    before = viewer.draw(match.state)
    leave()
    for name in ("one", "another"):  # texts that were not drawn before
        viewer.draw(match.state, (name, "none"))
        env.step(IDLE)
        assert shows(env._viewer.window)
    assert (Viewer("rgb_array", match.roster).draw(match.state) == before).all()
    env.close()


def test_a_window_is_never_used_after_pygame_ended() -> None:
    """Its number may come again, so nothing that pygame says about it afterwards counts."""
    env = human()
    lost = env._viewer._window
    pygame.quit()
    pygame.display.init()
    number = pygame.Window("theirs").id
    assert lost.is_lost and number
    env.step(IDLE)
    assert env._viewer._window is not lost and shows(env._viewer.window)


def test_a_window_that_cannot_be_drawn_on_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    env = human()
    lost = env._viewer._window
    lost.window.destroy()
    monkeypatch.setattr(type(lost), "is_lost", property(lambda window: False))
    env.step(IDLE)
    assert env._viewer._window is not lost and shows(env._viewer.window)
