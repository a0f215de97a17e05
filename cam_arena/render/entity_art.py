"""What moves leave in the world: drawn by kind, in the shape of its look and its owner's glow."""

import functools
import math
from typing import Final

import pygame

from ..roster.codes import EntityKind, Look
from .appearance import Appearance
from .camera import Camera
from .colours import INK, PAPER, SIDES, Colour, mix, shade
from .creatures import CREATURES, Gait
from .fighter_art import fighter_figure
from .figure import Figure, Point
from .frame import EntityFrame
from .paint import fill_translucent, glow
from .pose import POSES, blend
from .tokens import TOKENS

__all__ = ["draw_entity", "draw_entity_ground", "ellipse_points"]

_STEPS: Final = 16  # pictures of one cycle of steps, beats or turns
_SPINNING: Final = frozenset({Look.BLADE, Look.DISC, Look.STAR, Look.SHARD, Look.SPEAR})
_TURN: Final = 256  # phases of an orbit


def ellipse_points(
    camera: Camera, x: float, y: float, radius_x: float, radius_y: float
) -> list[Point]:
    """Outline of an ellipse on the floor."""
    turns = [math.radians(angle) for angle in range(0, 360, 18)]
    return [camera.point(x + radius_x * math.cos(t), y + radius_y * math.sin(t), 0) for t in turns]


def draw_entity_ground(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    """Draw what lies on the floor: shadow, field, trigger, path or mark.

    Args:
        surface: where to.
        camera: from where it is seen.
        entity: whose ground.
        colour: its owner's glow.
        tick: of the match.
    """
    side = SIDES[entity.side]
    match entity.kind:
        case EntityKind.ZONE:
            _draw_field(surface, camera, entity, colour, tick)
            return
        case EntityKind.MARKER:
            _draw_mark(surface, camera, entity, colour, tick)
            return
        case EntityKind.TRAP:
            ring = ellipse_points(camera, entity.x, entity.y, entity.radius, entity.radius / 2)
            if entity.is_armed:
                fill_translucent(surface, ring, side, 46)
            tone = side if entity.is_armed else mix(side, INK, 0.5)
            pygame.draw.lines(surface, tone, True, ring, 1)
        case EntityKind.ORBIT:
            x, y = _orbit_centre(entity)
            path = ellipse_points(camera, x, y, entity.radius, entity.radius * 1024 / 1536)
            pygame.draw.lines(surface, mix(side, INK, 0.35), True, path, 1)
        case EntityKind.CLONE:
            ring = ellipse_points(camera, entity.x, entity.y, 420, 220)
            pygame.draw.lines(surface, mix(side, colour, 0.5), True, ring, 1)
    size = 260 if entity.kind != EntityKind.WALL else max(300, entity.radius)
    fill_translucent(surface, ellipse_points(camera, entity.x, entity.y, size, size * 0.5), INK, 80)


def draw_entity(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, owner: Appearance, tick: int
) -> None:
    """Draw an entity's body.

    Args:
        surface: where to.
        camera: from where it is seen.
        entity: what.
        owner: looks of the fighter that has it now: the entity shines in its glow, and a clone
            is its likeness.
        tick: of the match.
    """
    colour = owner.glow
    match entity.kind:
        case EntityKind.PROJECTILE:
            _draw_projectile(surface, camera, entity, colour, tick)
        case EntityKind.ZONE:
            _draw_growth(surface, camera, entity, colour, tick)
        case EntityKind.TRAP:
            _draw_trap(surface, camera, entity, colour, tick)
        case EntityKind.WALL:
            _draw_wall(surface, camera, entity, colour, tick)
        case EntityKind.ORBIT:
            _draw_orbit(surface, camera, entity, colour, tick)
        case EntityKind.MARKER:
            _draw_beacon(surface, camera, entity, colour, tick)
        case EntityKind.CLONE if entity.look == Look.DOUBLE:
            _draw_likeness(surface, camera, entity, owner, tick)
        case _:
            _draw_companion(surface, camera, entity, colour, tick)


@functools.lru_cache(maxsize=512)
def _sprite(
    look: Look,
    colour: Colour,
    side: Colour,
    size: int,
    facing: int,
    step: int,
    strikes: bool = False,
    moves: bool = False,
    spins: bool = False,
) -> tuple[pygame.Surface, tuple[int, int]]:
    """An entity's picture, once for each step of its cycle: `size` pixels to its unit."""
    figure = Figure()
    turn = step / _STEPS
    if look in CREATURES:
        CREATURES[look](figure, mix(colour, side, 0.3), side, Gait(turn, strikes, moves))
    else:
        TOKENS[look](figure, colour, side, turn)
    if spins:
        figure.turn((0.0, 0.0), 360.0 * turn)
    return figure.render(size, facing)


def _put(
    surface: pygame.Surface,
    sprite: tuple[pygame.Surface, tuple[int, int]],
    place: Point,
    alpha: int = 255,
) -> None:
    image, origin = sprite
    image.set_alpha(alpha)
    surface.blit(image, (place[0] - origin[0], place[1] - origin[1]))


def _even(size: float) -> int:
    """Round, so that a camera that comes closer does not need a new picture at every tick."""
    return max(4, 2 * round(size / 2.0))


def _draw_projectile(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    box, scale, side = entity.box, camera.scale(entity.y), SIDES[entity.side]
    way = 1 if entity.vx > 0 or (entity.vx == 0 and entity.facing > 0) else -1
    if box is not None:
        centre = camera.point((box.x0 + box.x1) / 2, entity.y, (box.z0 + box.z1) / 2)
        wide = max(10.0, (box.x1 - box.x0) * scale / 2)
        tall = max(8.0, min(70.0, (box.z1 - box.z0) * scale / 2))
    else:
        centre, wide, tall = camera.point(entity.x, entity.y, entity.z), 14.0, 14.0
    size = min(wide, tall) * 0.9
    if entity.look in CREATURES:
        _draw_runner(surface, camera, entity, colour, tick, way)
        return
    glow(surface, centre, size * 2.6, shade(colour, 0.55))
    spins = entity.returns or entity.look in (Look.BLADE, Look.DISC)
    for i in range(1, 5):
        x, y = centre[0] - entity.vx * scale * 0.55 * i, centre[1] + entity.vz * scale * 0.55 * i
        tone = mix(colour, side, 0.25 * i)
        if entity.returns:
            arc = pygame.Rect(0, 0, 2.4 * size, 2.4 * size)
            arc.center = (round(x), round(y))
            start = -way * (tick * 0.9 - i * 0.7)
            pygame.draw.arc(surface, tone, arc, start, start + 2.0, max(1, 5 - i))
        else:
            pygame.draw.circle(surface, tone, (x, y), max(2.0, size * (0.62 - 0.13 * i)))
    step = tick * (2 if spins else 1) % _STEPS
    _put(
        surface,
        _sprite(entity.look, colour, side, _even(size), way, step, spins=spins),
        centre,
    )
    pygame.draw.circle(surface, side, centre, size * 1.75, 1)


def _draw_runner(
    surface: pygame.Surface,
    camera: Camera,
    entity: EntityFrame,
    colour: Colour,
    tick: int,
    way: int,
) -> None:
    """A creature that is thrown, runs or falls as a projectile."""
    side, scale = SIDES[entity.side], camera.scale(entity.y)
    box = entity.box
    height = max(900.0, entity.body_height, box.z1 - box.z0 if box is not None else 0.0)
    size = max(46.0, height * scale)
    x, y = camera.point(entity.x, entity.y, box.z0 if box is not None else entity.z)
    glow(surface, (x, y - size / 2), size * 0.8, shade(colour, 0.4))
    for i in range(4):
        top = y - size * (0.2 + 0.2 * i)
        start = (x - way * size * 0.5, top)
        end = (start[0] - entity.vx * scale * 1.6, top + entity.vz * scale * 1.6)
        pygame.draw.line(surface, mix(colour, side, 0.3 * i), start, end, 2)
    sprite = _sprite(
        entity.look, colour, side, _even(size), way, tick * 2 % _STEPS, strikes=True, moves=True
    )
    _put(surface, sprite, (x, y))


def _field_of(entity: EntityFrame) -> tuple[float, float, float]:
    """Middle along the stage, half-width and half-depth of a zone."""
    box = entity.box
    if box is None:
        return entity.x, 700.0, 500.0
    return (box.x0 + box.x1) / 2, (box.x1 - box.x0) / 2, (box.y1 - box.y0) / 2


def _draw_field(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    side = SIDES[entity.side]
    centre, half_x, half_y = _field_of(entity)
    field = ellipse_points(camera, centre, entity.y, half_x, half_y)
    fill_translucent(surface, field, mix(colour, side, 0.3), 110 if entity.is_armed else 45)
    pygame.draw.lines(surface, side, True, field, 2)
    pulse = 0.35 + 0.6 * (tick % 20 / 20.0)
    inner = ellipse_points(camera, centre, entity.y, half_x * pulse, half_y * pulse)
    pygame.draw.lines(surface, colour, True, inner, 1)


def _draw_growth(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    """What stands in a zone: motes of a field, else its look again and again."""
    centre, half_x, half_y = _field_of(entity)
    side, scale = SIDES[entity.side], camera.scale(entity.y)
    for i in range(14):
        angle, radius = i * 2.399963, math.sqrt((i + 0.5) / 14.0)
        rise = (tick * 17 + i * 97) % 600
        place = camera.point(
            centre + half_x * radius * math.cos(angle),
            entity.y + half_y * radius * math.sin(angle),
            rise,
        )
        size = max(1.5, 5.0 * (1.0 - rise / 600.0))
        pygame.draw.circle(surface, mix(colour, PAPER, 0.3 + 0.5 * (i % 2)), place, size)
    if entity.look == Look.FIELD:
        return
    grown = min(1.0, (entity.age + 1) / 6.0)
    for i in sorted(range(6), key=lambda i: -math.sin(i * 1.0472 + 0.4)):
        angle, radius = i * 1.0472 + 0.4, 0.72 if i % 2 else 0.4
        x = centre + half_x * radius * math.cos(angle)
        y = entity.y + half_y * radius * math.sin(angle)
        bob = 60.0 * math.sin(tick * 0.3 + i) if entity.look != Look.ROOTS else 0.0
        size = 300.0 * scale * grown * (1.25 if entity.look in CREATURES else 0.75)
        foot = 0.0 if entity.look in CREATURES else size * 0.9
        place = camera.point(x, y, max(0.0, bob))
        sprite = _sprite(entity.look, colour, side, _even(size), 1, (tick + 5 * i) % _STEPS)
        _put(surface, sprite, (place[0], place[1] - foot), 215)


def _draw_trap(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    foot, scale = camera.point(entity.x, entity.y, entity.z), camera.scale(entity.y)
    side = SIDES[entity.side]
    if entity.strike_tick >= 0:
        glow(surface, (foot[0], foot[1] - 12), 70, colour)
    if entity.look != Look.MINE:
        size = max(11.0, (260 if entity.is_armed else 190) * scale)
        step = tick % _STEPS if entity.is_armed else 0
        sprite = _sprite(entity.look, colour, side, _even(size), entity.facing, step)
        lift = 0.0 if entity.look in CREATURES else size * 0.85
        _put(surface, sprite, (foot[0], foot[1] - lift), 255 if entity.is_armed else 150)
        return
    figure = Figure()
    shell = mix(colour, INK, 0.2 if entity.is_armed else 0.6)
    figure.polygon([(-0.5, 0.0), (-0.36, 0.26), (0.36, 0.26), (0.5, 0.0)], shell)
    for i in range(-2, 3):
        height = 0.62 if entity.is_armed else 0.36
        figure.polygon(
            [(i * 0.2 - 0.07, 0.22), (i * 0.25, height - 0.05 * abs(i)), (i * 0.2 + 0.07, 0.22)],
            mix(shell, PAPER, 0.3),
        )
    blink = entity.is_armed and tick // 5 % 2 == 0
    figure.disc((0.0, 0.14), 0.12, side if blink or not entity.is_armed else PAPER)
    _put(surface, figure.render(max(26.0, 520 * scale), entity.facing), foot)


def _draw_wall(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    half, deep, height = entity.radius, 2 * entity.radius, entity.body_height
    if entity.look in CREATURES:  # a beast that bars the way
        sprite = _sprite(
            entity.look,
            colour,
            SIDES[entity.side],
            _even(1.15 * height * camera.scale(entity.y)),
            entity.facing,
            tick // 3 % _STEPS,
        )
        _put(surface, sprite, camera.point(entity.x, entity.y, entity.z))
        return
    front = [
        camera.point(entity.x + dx, entity.y - deep, z)
        for dx, z in ((-half, 0), (half, 0), (half, height), (-half, height))
    ]
    back = [
        camera.point(entity.x + dx, entity.y + deep, z)
        for dx, z in ((-half, 0), (half, 0), (half, height), (-half, height))
    ]
    fill_translucent(surface, back, mix(colour, PAPER, 0.2), 70)
    inner = 1 if camera.x > entity.x else 0
    flank = [front[inner], back[inner], back[3 - inner], front[3 - inner]]
    fill_translucent(surface, flank, mix(colour, SIDES[entity.side], 0.25), 150)
    fill_translucent(surface, [front[2], front[3], back[3], back[2]], mix(colour, PAPER, 0.5), 170)
    fill_translucent(surface, front, colour, 150)
    pygame.draw.lines(surface, SIDES[entity.side], True, front, 2)
    pygame.draw.line(surface, mix(colour, PAPER, 0.7), front[0], front[2], 1)


def _draw_companion(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    side, scale = SIDES[entity.side], camera.scale(entity.y)
    is_thing = entity.look not in CREATURES
    height = max(46.0, max(900, entity.body_height) * scale)
    sprite = _sprite(
        entity.look,
        mix(colour, side, 0.3) if is_thing else colour,
        side,
        _even(height * 0.36 if is_thing else height),
        entity.facing,
        tick * 2 % _STEPS,
        strikes=entity.strike_tick >= 0,
        moves=entity.vx != 0,
    )
    x, y = camera.point(entity.x, entity.y, entity.z)
    if is_thing:
        y -= height * (0.55 + 0.05 * math.sin(tick * 0.3))
        glow(surface, (x, y), height * 0.6, shade(colour, 0.35))
    sleeps = not entity.is_armed or (entity.kind == EntityKind.CLONE and entity.strike_tick < 0)
    _put(surface, sprite, (x, y), 150 if sleeps else 255)


def _draw_likeness(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, owner: Appearance, tick: int
) -> None:
    """A clone: its owner, seen through, striking when it does."""
    strikes = entity.strike_tick >= 0
    pose = POSES["idle"]
    if strikes:
        name = "slash" if entity.is_striking else "draw_back"
        pose = blend(pose, POSES[name], min(1.0, 0.4 + 0.3 * entity.strike_tick))
    side = SIDES[entity.side]
    size = max(900, entity.body_height) * camera.scale(entity.y)
    x, y = camera.point(entity.x, entity.y, entity.z)
    tint = mix(owner.glow, side, 0.35)
    image = fighter_figure(owner, pose, tick // 3).render(
        size, entity.facing, tint=tint, tint_share=0.5, ink=mix(tint, INK, 0.35)
    )
    glow(surface, (x, y - size / 2), size * 0.55, shade(tint, 0.5 if strikes else 0.22))
    _put(surface, image, (x, y), 225 if strikes else 140 + round(24 * math.sin(tick * 0.35)))
    if entity.is_striking and entity.box is not None:
        _draw_slash(surface, camera, entity, tint)


def _draw_slash(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour
) -> None:
    """A crescent as far and as high as the hit's box."""
    box = entity.box
    assert box is not None
    near, far = (box.x0, box.x1) if entity.facing > 0 else (box.x1, box.x0)
    middle, half = (box.z0 + box.z1) / 2, (box.z1 - box.z0) / 2
    turns = [math.radians(angle) for angle in range(-90, 91, 15)]
    rim = [
        camera.point(near + (far - near) * math.cos(t), entity.y, middle + half * math.sin(t))
        for t in turns
    ]
    hollow = [
        camera.point(
            near + (far - near) * 0.62 * math.cos(t), entity.y, middle + half * 0.9 * math.sin(t)
        )
        for t in turns
    ]
    fill_translucent(surface, [*rim, *reversed(hollow)], mix(colour, PAPER, 0.5), 190)


def _orbit_centre(entity: EntityFrame) -> tuple[float, float]:
    turn = 2.0 * math.pi * entity.phase / _TURN
    return (
        entity.x - entity.facing * entity.radius * math.cos(turn),
        entity.y - entity.radius * math.sin(turn) * 1024 / 1536,
    )


def _draw_orbit(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    x, y = _orbit_centre(entity)
    side = SIDES[entity.side]
    size = max(9.0, 240.0 * camera.scale(entity.y))
    for i in range(6, 0, -1):
        turn = 2.0 * math.pi * (entity.phase - 0.7 * i * entity.speed) / _TURN
        place = camera.point(
            x + entity.facing * entity.radius * math.cos(turn),
            y + entity.radius * math.sin(turn) * 1024 / 1536,
            entity.z,
        )
        tone = mix(colour, side, 0.12 * i)
        pygame.draw.circle(surface, tone, place, max(1.5, size * (0.6 - 0.085 * i)))
    centre = camera.point(entity.x, entity.y, entity.z)
    glow(surface, centre, size * 2.2, shade(colour, 0.45))
    spins = entity.look in _SPINNING
    moves = entity.look in CREATURES
    step = tick * 2 % _STEPS
    place = (centre[0], centre[1] + size) if moves else centre
    sprite = _sprite(
        entity.look,
        colour,
        side,
        _even(size * (2.4 if moves else 1.0)),
        entity.facing,
        step,
        moves=moves,
        spins=spins,
    )
    _put(surface, sprite, place, 255 if entity.is_armed else 150)


def _draw_mark(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    """The ground of a place to come back to: rings and four arrows that point at its middle."""
    side = SIDES[entity.side]
    x, y = entity.x, entity.y
    fill_translucent(surface, ellipse_points(camera, x, y, 420, 260), colour, 70)
    for radius, tone in ((440, side), (300, colour)):
        ring = ellipse_points(camera, x, y, radius, radius * 0.62)
        pygame.draw.lines(surface, tone, True, ring, 2)
    pull = 60.0 * (tick % 15 / 15.0)
    for i in range(4):
        turn = i * math.pi / 2 + math.pi / 4 + tick * 0.02
        ux, uy = math.cos(turn), math.sin(turn)
        arrow = [
            camera.point(x + ux * (r - pull) - uy * w, y + (uy * (r - pull) + ux * w) * 0.62, 0)
            for r, w in ((430, 0), (620, 110), (560, 0), (620, -110))
        ]
        pygame.draw.polygon(surface, mix(colour, side, 0.4), arrow)


def _draw_beacon(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    """What floats above a marker, in a column of light."""
    side, scale = SIDES[entity.side], camera.scale(entity.y)
    x, y = camera.point(entity.x, entity.y, 0)
    for half, alpha in ((0.20, 36), (0.08, 60)):
        wide, top = half * 1024 * scale, y - 1500 * scale
        column = [(x - wide, y), (x + wide, y), (x + wide * 0.6, top), (x - wide * 0.6, top)]
        fill_translucent(surface, column, colour, alpha)
    size = max(8.0, 170.0 * scale)
    place = (x, y - (720 + 60 * math.sin(tick * 0.18)) * scale)
    glow(surface, place, size * 2.4, shade(colour, 0.5))
    big = _even(size * (3.0 if entity.look in CREATURES else 1.0))
    _put(surface, _sprite(entity.look, colour, side, big, entity.facing, tick // 2 % _STEPS), place)
