"""The renderer: pictures of states, with and without a window."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pygame
import pytest
from numpy.typing import NDArray

from cam_arena import Match, load_roster
from cam_arena.game.squads import SquadOptions
from cam_arena.render import banners, hud
from cam_arena.render.appearance import CHARMS, ORNAMENTS, appearance
from cam_arena.render.chooser import Chooser
from cam_arena.render.creatures import CREATURES
from cam_arena.render.fighter_art import draw_standing
from cam_arena.render.frame import State, read_frame
from cam_arena.render.gallery import draw_lineup, draw_roster
from cam_arena.render.glyphs import GLYPH_OF, GLYPHS
from cam_arena.render.history import History
from cam_arena.render.icons import EFFECT_SIGNS
from cam_arena.render.ornaments import CHARM_ART, ORNAMENT_ART
from cam_arena.render.paint import draw_text, text_surface, wrap_text
from cam_arena.render.play import Session, play
from cam_arena.render.pose import POSES
from cam_arena.render.posing import STYLES
from cam_arena.render.slips import SLIP_ART
from cam_arena.render.team_match import TeamMatch
from cam_arena.render.tokens import TOKENS
from cam_arena.render.viewer import Viewer
from cam_arena.roster.codes import Button, Effect, EntityKind, Look, Slip
from cam_arena.roster.schema import ARCHETYPES

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


def test_no_two_characters_look_the_same() -> None:
    roster = load_roster()
    prints = []
    for character in roster:
        look = appearance(character.name, character.palette, character.silhouette)
        image, origin = draw_standing(look, 60.0)
        canvas = pygame.Surface((200, 150))
        canvas.fill((128, 128, 128))
        canvas.blit(image, (100 - origin[0], 130 - origin[1]))
        prints.append(pygame.surfarray.array3d(canvas)[40:160:2, 20:140:2].ravel() >> 5)
    table = np.array(prints, np.int16)
    for index in range(1, len(table)):
        changed = (table[:index] != table[index]).mean(axis=1)
        near = int(changed.argmin())
        assert changed[near] > 0.01, f"{roster.names[index]} and {roster.names[near]} look alike"


def test_page_of_all_characters_has_a_row_for_each_school() -> None:
    roster = load_roster()
    page = draw_roster(roster)
    most = max(sum(c.school is school for c in roster) for school in roster.schools)
    assert page.get_size() == (132 + 92 * most, 118 * len(roster.schools))
    pixels = pygame.surfarray.array3d(page)
    for character in roster:
        column = sum(c.school is character.school for c in roster.characters[: character.index])
        left, top = 132 + 92 * column, 118 * character.school.index
        cell = pixels[left : left + 92, top : top + 118].reshape(-1, 3)
        assert len(np.unique(cell, axis=0)) > 60, f"{character.name} is not on the page"


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


def test_every_archetype_has_an_icon_and_poses() -> None:
    assert set(GLYPH_OF) == {*ARCHETYPES, "slip"}
    assert set(GLYPH_OF.values()) <= set(GLYPHS)
    assert set(STYLES) == set(ARCHETYPES)
    assert {name for names in STYLES.values() for name in names} <= set(POSES)


def test_every_look_slip_and_ornament_has_its_art() -> None:
    assert set(TOKENS) | set(CREATURES) == set(Look)
    assert not set(TOKENS) & set(CREATURES)
    assert set(SLIP_ART) == set(Slip)
    assert set(ORNAMENT_ART) == set(ORNAMENTS)
    assert set(CHARM_ART) == set(CHARMS)


def still(**fields: int) -> NDArray[np.uint8]:
    """The picture of a match in which fighter_0 has some fields changed."""
    match = fight(0)
    record = match.state.copy()
    record["tick"] = record["clock"] = 200
    for name, value in fields.items():
        record["fighters"][0][name] = value
    pixels = Viewer("rgb_array", match.roster).draw(record)
    assert pixels is not None
    return pixels


def test_form_and_heat_are_seen_on_the_fighter_and_on_its_panel() -> None:
    plain = still()
    for fields in ({"form": 1, "form_until": 290}, {"gauge": 900}):
        changed = (plain != still(**fields)).any(axis=2)
        assert changed[:110, :480].sum() > 150, f"{fields} on the panel"
        assert changed[150:460, :480].sum() > 400, f"{fields} on the fighter"
    assert (still(form=1, form_until=290) != still(form=1)).any(), "the form's time is shown"
    assert (still(gauge=300) != still(gauge=900)).any()


def test_a_form_has_its_own_icons() -> None:
    roster = load_roster()
    arrays = roster.arrays["characters"]
    index = next(
        c.index
        for c in roster
        if c.form
        and any(
            GLYPH_OF[move.archetype] != GLYPH_OF[c.moves[button].archetype]
            for button, move in c.form.items()
            if button in ("skill1", "skill2", "ultimate")
        )
    )
    assert (arrays[index]["form_moves"] >= 0).any()
    record = fight(0, characters=(index, 0)).state.copy()
    base = Viewer("rgb_array", roster).draw(record)
    record["fighters"][0]["form"] = 1
    form = Viewer("rgb_array", roster).draw(record)
    assert base is not None and form is not None
    assert (base[498:534, :300] != form[498:534, :300]).any()


def test_charges_are_counted_on_the_icon() -> None:
    roster = load_roster()
    moves = roster.arrays["moves"]
    character, name = next(
        (c, name)
        for c in roster
        for name in ("skill1", "skill2")
        if moves[c.moves[name].index]["charges"] > 1
    )
    button = Button[name.upper()]
    record = fight(0, characters=(character.index, 0)).state.copy()
    most = int(moves[character.moves[name].index]["charges"])
    length = character.moves[name].declared.cooldown * 1000 // character.stats["cooldown_rate"]
    pictures = set()
    for used in range(most + 1):
        record["fighters"][0]["cooldown_until"][button] = record["clock"] + used * length
        drawn = Viewer("rgb_array", roster).draw(record)
        assert drawn is not None
        pictures.add(drawn[480:, :200].tobytes())
    assert len(pictures) == most + 1


def test_hovering_fighter_is_carried_by_air() -> None:
    match = fight(0)
    record = match.state.copy()
    fighter = record["fighters"][0]
    fighter["z"] = 1200
    fighter["effects"] = 1 << Effect.FEATHERLIGHT
    fighter["effect_until"][Effect.FEATHERLIGHT] = 60
    fighter["effect_power"][Effect.FEATHERLIGHT] = match.roster.rules.hover_power - 1
    falls = read_frame(record, match.roster).fighters[0]
    light = Viewer("rgb_array", match.roster).draw(record)
    fighter["effect_power"][Effect.FEATHERLIGHT] += 1
    hovers = read_frame(record, match.roster).fighters[0]
    air = Viewer("rgb_array", match.roster).draw(record)
    assert not falls.is_hovering and hovers.is_hovering
    assert light is not None and air is not None
    assert (light != air).any(axis=2).sum() > 40


@pytest.mark.parametrize("kind", list(Slip))
def test_every_slip_leaves_something_else(kind: Slip) -> None:
    roster = load_roster()
    arrays = {**roster.arrays, "characters": roster.arrays["characters"].copy()}
    pictures = []
    for shown in (kind, Slip((kind + 1) % len(Slip))):
        arrays["characters"]["slip_kind"] = shown
        record = fight(0).state.copy()
        fighter = record["fighters"][0]
        fighter["mark"], fighter["mark_clock"], fighter["mark_z"] = 8, record["clock"] - 6, 900
        pictures.append(Viewer("rgb_array", replace(roster, arrays=arrays)).draw(record))
    first, second = pictures
    assert first is not None and second is not None
    assert (first != second).any(axis=2).sum() > 200


def entity_of(kind: str) -> int:
    return next(e.index for e in load_roster().entity_types if e.kind == kind)


def place(record: np.void, kind: str, owner: int = 0, **fields: int) -> None:
    """Put an entity into the middle of the stage."""
    types = load_roster().arrays["entity_types"]
    index = entity_of(kind)
    entity = record["fighters"][owner]["entities"][0]
    values = {
        "type": index, "age": 20, "ttl": 60, "facing": 1, "x": 0, "strike_tick": -1,
        "hits_left": 1, "side": owner, "hp": int(types[index]["hp"]), **fields,
    }  # fmt: skip
    for name, value in values.items():
        entity[name] = value


def test_entities_shine_in_the_colour_of_who_has_them_now() -> None:
    roster = load_roster()
    record = fight(0, characters=("Vesh Cindral", "Ondre Mael")).state.copy()
    reds = []
    for owner in (0, 1):  # a parry that reflects moves the entity to the other's slots
        changed = record.copy()
        place(changed, "projectile", owner, side=0, z=900)
        frame = read_frame(changed, roster)
        assert [e.owner for f in frame.fighters for e in f.entities] == [owner]
        drawn = Viewer("rgb_array", roster).draw(changed)
        assert drawn is not None
        area = drawn[200:420, 420:540].astype(int)
        reds.append(float((area[..., 0] - area[..., 2]).mean()))
    assert reds[0] > reds[1] + 1.0, "Vesh glows orange, Ondre pale blue"


def test_clone_strikes_when_it_strikes() -> None:
    record = fight(0).state.copy()
    roster = load_roster()
    hit = roster.arrays["hits"][roster.arrays["entity_types"][entity_of("clone")]["hit"]]
    startup = int(roster.arrays["entity_types"][entity_of("clone")]["strike_startup"])
    seen = []
    for tick in (-1, startup + int(hit["from"]), startup + int(hit["to"])):
        place(record, "clone", strike_tick=tick)
        entity = read_frame(record, roster).fighters[0].entities[0]
        drawn = Viewer("rgb_array", roster).draw(record)
        assert drawn is not None
        seen.append((entity.is_striking, drawn.tobytes()))
    assert [strikes for strikes, _ in seen] == [False, True, False]
    assert len({picture for _, picture in seen}) == 3


def test_meter_tells_forms_and_strikes_of_orbits() -> None:
    roster = load_roster()
    record = fight(0).state.copy()
    history = History(roster)
    history.update(read_frame(record, roster))
    record["tick"] += 1
    record["fighters"][0]["form"] = 1
    place(record, "orbit")
    history.update(read_frame(record, roster))
    record["tick"] += 1
    record["fighters"][0]["form"] = 0
    place(record, "marker")
    history.update(read_frame(record, roster))
    first, second = history.tracks[0].meter
    assert (first.is_in_form, first.striking) == (True, EntityKind.ORBIT)
    assert (second.is_in_form, second.striking) == (False, None), "a marker strikes nobody"


@pytest.mark.parametrize("kind", ["orbit", "clone", "marker"])
def test_boxes_show_orbits_clones_and_markers(kind: str) -> None:
    roster = load_roster()
    record = fight(0).state.copy()
    place(record, kind)
    plain = Viewer("rgb_array", roster).draw(record)
    boxed = Viewer("rgb_array", roster, show_boxes=True).draw(record)
    assert plain is not None and boxed is not None
    assert (plain[200:415, 420:540] != boxed[200:415, 420:540]).any(axis=2).sum() > 60


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


def team_state(blue: int, red: int, characters: object = None) -> tuple[TeamMatch, np.void]:
    """A match between teams and its first state, which may be changed."""
    options = SquadOptions(
        team_size=blue,
        enemy_size=red,
        frame_skip=1,
        characters=characters,  # type: ignore[arg-type]
    )
    match = TeamMatch(options, ("masher:5", "masher:5"))
    next(match.play(5))
    return match, match.state.copy()


def words_drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, float]]:
    """Every text that the frame around a fight shows from now on, and where."""
    drawn: list[tuple[str, float, float]] = []

    def note(surface: pygame.Surface, text: str, place: tuple[float, float], *rest, **more):  # type: ignore[no-untyped-def]
        drawn.append((text, *place))
        draw_text(surface, text, place, *rest, **more)

    for module in (hud, banners):
        monkeypatch.setattr(module, "draw_text", note)
    return drawn


@pytest.mark.parametrize(
    ("sizes", "winner", "sentence"),
    [((2, 3), 1, "Red wins"), ((5, 1), 0, "Blue wins"), ((1, 3), 0, "{0} wins")],
)
@pytest.mark.parametrize("untouched", [True, False])
def test_the_banner_names_the_side_that_won(
    monkeypatch: pytest.MonkeyPatch,
    sizes: tuple[int, int],
    winner: int,
    sentence: str,
    untouched: bool,
) -> None:
    match, record = team_state(*sizes)
    record["is_over"], record["winner"] = 1, winner
    winners = slice(0, sizes[0]) if winner == 0 else slice(sizes[0], None)
    record["fighters"]["hp"][winners][-1] -= 0 if untouched else 1
    drawn = words_drawn(monkeypatch)
    Viewer("rgb_array", match.roster).draw(record, match.labels)
    name = match.roster[int(record["fighters"]["character"][0])].name
    perfect = "  without a scratch" if untouched else ""
    assert sentence.format(name) + perfect in [text for text, *_ in drawn]


def test_allies_alike_are_told_apart_by_their_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    match, record = team_state(5, 5, "Romnar Basalt")
    drawn = words_drawn(monkeypatch)
    Viewer("rgb_array", match.roster).draw(record, match.labels)
    bars = [(text, y) for text, _, y in drawn if text[0].isdigit() and "Romnar" in text]
    assert [text for text, _ in bars] == [f"{seat} Romnar Basalt" for seat in (1, 2, 3, 4)] * 2
    assert max(y for _, y in bars) < 220, "below that stand fighters and their tags"
    drawn.clear()
    record["fighters"][0]["state"], record["fighters"][0]["hp"] = State.KO, 0
    Viewer("rgb_array", match.roster).draw(record, match.labels)
    blue = [text for text, x, _ in drawn if "Romnar" in text and text[0].isdigit() and x < 480]
    assert [text[0] for text in blue] == ["0", "2", "3", "4"]


def test_sparks_of_allies_are_seen() -> None:
    match, record = team_state(2, 2)
    pictures = []
    for sparks in (0, 16_000):
        record["fighters"]["spark"][1] = sparks
        pixels = Viewer("rgb_array", match.roster).draw(record, match.labels)
        assert pixels is not None
        pictures.append(pixels)
    rows, columns = np.nonzero((pictures[0] != pictures[1]).any(axis=2))
    assert len(rows) > 250
    assert rows.max() - rows.min() < 4 and columns.max() < 140


def test_a_team_shows_its_longest_combo_beside_its_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    match, record = team_state(2, 3)
    viewer = Viewer("rgb_array", match.roster)
    viewer.draw(record, match.labels)
    for seat, hits in ((2, 3), (3, 12), (4, 5)):
        record["fighters"][seat]["combo_hits"] = hits
    record["tick"] += 1
    drawn = words_drawn(monkeypatch)
    viewer.draw(record, match.labels)
    hits = [(text, x) for text, x, _ in drawn if text.endswith("HITS")]
    assert hits == [("12 HITS", 160)]


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
    assert not viewer.is_closed
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    viewer.draw(match.state)
    assert viewer.is_closed
    assert viewer.draw(match.state) is None


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


def post(*events: tuple[int, int]) -> None:
    for kind, key in events:
        pygame.event.post(pygame.event.Event(kind, key=key, unicode="", mod=0))


def test_keys_do_not_stick_over_the_chooser(session: Session) -> None:
    post((pygame.KEYDOWN, pygame.K_d))
    session.advance()
    press(session, pygame.K_F6)
    assert session.chooser is not None
    post((pygame.KEYUP, pygame.K_d), (pygame.KEYDOWN, pygame.K_a), (pygame.KEYDOWN, pygame.K_j))
    session.advance()
    press(session, pygame.K_ESCAPE)  # once what was typed, once the screen
    press(session, pygame.K_ESCAPE)
    assert session.chooser is None
    before = int(session.match.state["fighters"][0]["x"])
    for _ in range(20):
        session.advance()
    fighter = session.match.state["fighters"][0]
    assert (int(fighter["x"]), int(fighter["state"])) == (before, State.NEUTRAL)


@pytest.mark.parametrize("key", [pygame.K_F5, pygame.K_r])
def test_keys_do_not_leak_into_the_next_match(session: Session, key: int) -> None:
    post((pygame.KEYDOWN, pygame.K_d), (pygame.KEYDOWN, pygame.K_j), (pygame.KEYDOWN, key))
    for _ in range(10):
        session.advance()
    fresh = Match(session.seed, frame_skip=1, characters=(0, 1))
    while fresh.tick < session.match.tick:
        fresh.step([0, 0])
    assert session.seed == 6
    assert (session.match.state["fighters"]["x"] == fresh.state["fighters"]["x"]).all()
    assert session.match.state["fighters"][0]["state"] == State.NEUTRAL


def test_a_press_in_a_pause_is_for_a_single_tick_only(session: Session) -> None:
    press(session, pygame.K_F3)
    press(session, pygame.K_j)
    press(session, pygame.K_F3)
    for _ in range(8):
        session.advance()
    assert session.match.state["fighters"][0]["move"] == -1
    press(session, pygame.K_F3)
    press(session, pygame.K_j)
    press(session, pygame.K_F10)
    assert session.match.state["fighters"][0]["move"] >= 0


def test_keys_are_let_go_when_the_window_loses_the_keyboard(session: Session) -> None:
    post((pygame.KEYDOWN, pygame.K_d))
    session.advance()
    session.advance()
    window = session.viewer.window
    pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSLOST, window=window))
    session.advance()
    before = int(session.match.state["fighters"][0]["x"])
    for _ in range(5):
        session.advance()
    assert int(session.match.state["fighters"][0]["x"]) == before


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
    for _ in range(roster.rules.opening_ticks):
        session.advance()
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


def type_in(chooser: Chooser, *keys: int | str) -> None:
    """Press keys, or type a text."""
    for key in keys:
        for letter in key if isinstance(key, str) else ("",):
            code = ord(letter) if letter else key
            chooser.take(pygame.event.Event(pygame.KEYDOWN, key=code, unicode=letter, mod=0))


def make_chooser() -> Chooser:
    roster = load_roster()
    return Chooser(roster, Viewer("rgb_array", roster).looks, ("yours", "theirs"))


def test_chooser_walks_schools_and_finds_what_is_typed() -> None:
    chooser = make_chooser()
    roster = chooser.roster
    surface = pygame.Surface(SIZE)
    chooser.draw(surface)
    before = pygame.image.tobytes(surface, "RGB")
    seen: set[int] = set()
    for school in roster.schools:
        assert all(roster[i].school is school for i in chooser.shown)
        seen |= set(chooser.shown)
        type_in(chooser, pygame.K_TAB)
    assert seen == set(range(len(roster)))
    type_in(chooser, "ondre m")
    assert [roster.names[i] for i in chooser.shown] == ["Ondre Mael"]
    chooser.draw(surface)
    assert pygame.image.tobytes(surface, "RGB") != before
    type_in(chooser, pygame.K_ESCAPE, "zzz")
    assert chooser.shown == [] and chooser.selected is None
    chooser.draw(surface)
    type_in(chooser, pygame.K_RETURN)
    assert chooser.picks == [], "nobody was found"
    type_in(chooser, pygame.K_ESCAPE, "stance dancer")
    assert chooser.shown and all("stance_dancer" in roster[i].traits for i in chooser.shown)


def test_chooser_picks_goes_back_and_leaves() -> None:
    chooser = make_chooser()
    type_in(chooser, "maud", pygame.K_RETURN)
    assert chooser.picks == [chooser.roster["Maud Bulwark"].index] and not chooser.is_done
    type_in(chooser, pygame.K_ESCAPE)
    assert chooser.picks == [] and not chooser.is_left
    type_in(chooser, pygame.K_RIGHT, pygame.K_RETURN, pygame.K_F2)
    assert chooser.is_done and chooser.picks == [chooser.roster.schools[0].index + 1, None]
    other = make_chooser()
    type_in(other, pygame.K_ESCAPE)
    assert other.is_left and not other.is_done


def test_chooser_begins_at_those_who_fight(session: Session) -> None:
    session.match.reset(5, {"characters": ("Gorm Talus", "Nooda Toller")})
    press(session, pygame.K_F6)
    chooser = session.chooser
    assert chooser is not None and chooser.selected is not None
    assert chooser.selected.name == "Gorm Talus"
    press(session, pygame.K_RETURN)
    assert chooser.selected.name == "Nooda Toller"
    press(session, pygame.K_RETURN)
    assert [c.name for c in session.match.characters] == ["Gorm Talus", "Nooda Toller"]


def test_descriptions_keep_inside_their_panel() -> None:
    surface = pygame.Surface(SIZE)
    chooser = make_chooser()
    for character in (*chooser.roster.characters[::4], chooser.roster["Nooda Toller"]):
        lines = wrap_text(character.text, 19, 326)
        assert " ".join(lines) == " ".join(character.text.split())
        assert all(text_surface(line, 19).get_width() <= 326 for line in lines)
    type_in(chooser, "nooda toller")
    chooser.draw(surface)
    assert pygame.surfarray.array3d(surface)[951:, 66:504].max() < 90, "right of the panel"


def test_chosen_characters_fight(session: Session) -> None:
    press(session, pygame.K_F6)
    for name in ("vesh cin", "gorm tal"):
        for letter in name:
            pygame.event.post(
                pygame.event.Event(pygame.KEYDOWN, key=ord(letter), unicode=letter, mod=0)
            )
        press(session, pygame.K_RETURN)
    assert session.chooser is None
    assert [c.name for c in session.match.characters] == ["Vesh Cindral", "Gorm Talus"]
    press(session, pygame.K_F5)
    assert [c.name for c in session.match.characters] == ["Vesh Cindral", "Gorm Talus"]


def test_play_ends_when_the_window_is_closed(no_screen: None) -> None:
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert play("idle:1", speed=20.0) == (0, 0)
