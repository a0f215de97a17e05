"""Projectiles, zones, traps, walls and companions: a shape by `look`, colours by owner."""

import math

import pygame

from .camera import Camera
from .colours import INK, PAPER, SIDES, Colour, mix, shade
from .figure import Figure, Point
from .frame import EntityFrame
from .paint import fill_translucent, glow

__all__ = ["draw_entity", "draw_entity_ground"]

_CREATURES = frozenset(
    {9, 10, 11, 12, 13}
)  # looks of companions; some of them fly or run as projectiles
_KIND_PROJECTILE, _KIND_ZONE, _KIND_TRAP, _KIND_WALL, _KIND_COMPANION = range(5)


def ellipse_points(
    camera: Camera, x: float, y: float, radius_x: float, radius_y: float
) -> list[Point]:
    """Outline of an ellipse on the floor."""
    turns = [math.radians(angle) for angle in range(0, 360, 18)]
    return [camera.point(x + radius_x * math.cos(t), y + radius_y * math.sin(t), 0) for t in turns]


def draw_entity_ground(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    """Draw what lies on the floor: shadow, a zone's field, a trap's radius."""
    side = SIDES[entity.side]
    if entity.kind == _KIND_ZONE:
        box = entity.box
        half_x = (box.x1 - box.x0) / 2 if box else 700
        half_y = (box.y1 - box.y0) / 2 if box else 500
        centre = (box.x0 + box.x1) / 2 if box else entity.x
        field = ellipse_points(camera, centre, entity.y, half_x, half_y)
        fill_translucent(surface, field, mix(colour, side, 0.3), 110 if entity.is_armed else 45)
        pygame.draw.lines(surface, side, True, field, 2)
        pulse = 0.35 + 0.6 * (tick % 20 / 20.0)
        pygame.draw.lines(
            surface,
            colour,
            True,
            ellipse_points(camera, centre, entity.y, half_x * pulse, half_y * pulse),
            1,
        )
        return
    if entity.kind == _KIND_TRAP:
        ring = ellipse_points(camera, entity.x, entity.y, entity.radius, entity.radius / 2)
        if entity.is_armed:
            fill_translucent(surface, ring, side, 46)
        pygame.draw.lines(surface, side if entity.is_armed else mix(side, INK, 0.5), True, ring, 1)
    size = 260 if entity.kind != _KIND_WALL else max(300, entity.radius)
    fill_translucent(surface, ellipse_points(camera, entity.x, entity.y, size, size * 0.5), INK, 80)


def draw_entity(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    """Draw an entity's body."""
    x, y = camera.point(entity.x, entity.y, entity.z)
    scale = camera.scale(entity.y)
    if entity.kind == _KIND_PROJECTILE and entity.look not in _CREATURES:
        _draw_projectile(surface, camera, entity, colour, tick)
    elif entity.kind == _KIND_ZONE:
        _draw_zone_motes(surface, camera, entity, colour, tick)
    elif entity.kind == _KIND_TRAP:
        _draw_trap(surface, (x, y), scale, entity, colour, tick)
    elif entity.kind == _KIND_WALL:
        _draw_wall(surface, camera, entity, colour)
    else:
        _draw_companion(surface, (x, y), scale, entity, colour, tick)


def _draw_projectile(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    box = entity.box
    scale = camera.scale(entity.y)
    if box is not None:
        centre = camera.point((box.x0 + box.x1) / 2, entity.y, (box.z0 + box.z1) / 2)
        wide, tall = (
            max(10.0, (box.x1 - box.x0) * scale / 2),
            max(8.0, min(70.0, (box.z1 - box.z0) * scale / 2)),
        )
    else:
        centre, wide, tall = camera.point(entity.x, entity.y, entity.z), 14.0, 14.0
    way = 1 if entity.vx > 0 or (entity.vx == 0 and entity.facing > 0) else -1
    size = min(wide, tall) * 0.9
    glow(surface, centre, size * 2.6, shade(colour, 0.55))
    for i in range(1, 5):
        tail = (centre[0] - entity.vx * scale * 0.55 * i, centre[1] + entity.vz * scale * 0.55 * i)
        pygame.draw.circle(
            surface,
            mix(colour, SIDES[entity.side], 0.25 * i),
            tail,
            max(2.0, size * (0.62 - 0.13 * i)),
        )
    x, y = centre
    side = SIDES[entity.side]

    def shape(points: list[Point], fill: Colour) -> None:
        placed = [(x + way * px * size, y - py * size) for px, py in points]
        pygame.draw.polygon(surface, fill, placed)
        pygame.draw.lines(surface, INK, True, placed, 2)

    match entity.look:
        case 1:  # shard
            shape(
                [(1.5, 0), (0.2, 0.7), (-1.2, 0.25), (-0.7, -0.1), (-1.1, -0.6), (0.3, -0.55)],
                mix(colour, PAPER, 0.35),
            )
        case 2:  # spear
            shape(
                [
                    (2.2, 0),
                    (1.2, 0.45),
                    (1.3, 0.14),
                    (-2.0, 0.14),
                    (-2.0, -0.14),
                    (1.3, -0.14),
                    (1.2, -0.45),
                ],
                colour,
            )
        case 3:  # disc
            spin = tick * 0.7
            points = []
            for i in range(16):
                radius = 1.2 if i % 2 else 0.75
                points.append(
                    (radius * math.cos(spin + i * 0.3927), radius * math.sin(spin + i * 0.3927))
                )
            shape(points, colour)
            pygame.draw.circle(surface, side, centre, size * 0.3)
        case 4:  # wave
            points = [
                (1.2 * math.cos(a), 1.5 * math.sin(a))
                for a in (-1.4, -0.9, -0.4, 0.0, 0.4, 0.9, 1.4)
            ]
            points += [
                (0.55 * math.cos(a) - 0.25, 1.3 * math.sin(a)) for a in (1.2, 0.5, 0.0, -0.5, -1.2)
            ]
            shape(points, colour)
        case 5:  # flame
            lick = 0.25 * math.sin(tick * 1.1)
            shape(
                [
                    (1.2, 0),
                    (0.6, 0.75),
                    (-0.5, 0.8 + lick),
                    (-1.9, 0.35 - lick),
                    (-1.0, 0.0),
                    (-2.1, -0.4 + lick),
                    (-0.4, -0.75),
                    (0.7, -0.7),
                ],
                colour,
            )
            pygame.draw.circle(
                surface, mix(colour, PAPER, 0.7), (x + way * 0.2 * size, y), size * 0.4
            )
        case 15:  # star
            points = []
            for i in range(10):
                radius = 1.35 if i % 2 == 0 else 0.55
                points.append(
                    (
                        radius * math.sin(i * 0.6283 + tick * 0.2),
                        radius * math.cos(i * 0.6283 + tick * 0.2),
                    )
                )
            shape(points, mix(colour, PAPER, 0.3))
        case _:
            pygame.draw.circle(surface, INK, centre, size + 2)
            pygame.draw.circle(surface, colour, centre, size)
            pygame.draw.circle(
                surface, mix(colour, PAPER, 0.75), (x - 0.2 * size, y - 0.25 * size), size * 0.45
            )
    pygame.draw.circle(surface, side, centre, size * 1.75, 1)


def _draw_zone_motes(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour, tick: int
) -> None:
    box = entity.box
    half_x = (box.x1 - box.x0) / 2 if box else 600
    half_y = (box.y1 - box.y0) / 2 if box else 400
    centre = (box.x0 + box.x1) / 2 if box else entity.x
    for i in range(14):
        angle = i * 2.399963
        radius = math.sqrt((i + 0.5) / 14.0)
        rise = (tick * 17 + i * 97) % 600
        x, y = camera.point(
            centre + half_x * radius * math.cos(angle),
            entity.y + half_y * radius * math.sin(angle),
            rise,
        )
        size = max(1.5, 5.0 * (1.0 - rise / 600.0))
        if entity.look == 14:  # roots
            base = camera.point(
                centre + half_x * radius * math.cos(angle),
                entity.y + half_y * radius * math.sin(angle),
                0,
            )
            sway = 6 * math.sin(tick * 0.15 + i)
            pygame.draw.line(
                surface, shade(colour, 0.7), base, (base[0] + sway, base[1] - 20 - 6 * (i % 3)), 4
            )
            pygame.draw.circle(surface, colour, (base[0] + sway, base[1] - 20 - 6 * (i % 3)), 3)
        elif entity.look == 5:  # flame
            pygame.draw.polygon(
                surface, colour, [(x - size, y), (x, y - 3.4 * size), (x + size, y)]
            )
        else:
            pygame.draw.circle(surface, mix(colour, PAPER, 0.35), (x, y), size)


def _draw_trap(
    surface: pygame.Surface,
    foot: Point,
    scale: float,
    entity: EntityFrame,
    colour: Colour,
    tick: int,
) -> None:
    figure = Figure()
    side = SIDES[entity.side]
    if entity.strike_tick >= 0:
        glow(surface, (foot[0], foot[1] - 12), 70, colour)
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
    image, origin = figure.render(max(26.0, 520 * scale), entity.facing)
    surface.blit(image, (foot[0] - origin[0], foot[1] - origin[1]))


def _draw_wall(
    surface: pygame.Surface, camera: Camera, entity: EntityFrame, colour: Colour
) -> None:
    half, deep, height = entity.radius, 2 * entity.radius, entity.body_height
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
    surface: pygame.Surface,
    foot: Point,
    scale: float,
    entity: EntityFrame,
    colour: Colour,
    tick: int,
) -> None:
    strikes = entity.strike_tick >= 0
    figure = companion_figure(
        entity.look,
        mix(colour, SIDES[entity.side], 0.3),
        SIDES[entity.side],
        tick,
        strikes=strikes,
        moves=entity.vx != 0,
    )
    size = max(46.0, max(900, entity.body_height) * scale)
    image, origin = figure.render(size, entity.facing)
    if not entity.is_armed and entity.kind == _KIND_COMPANION:
        image.set_alpha(140)
    surface.blit(image, (foot[0] - origin[0], foot[1] - origin[1]))


def companion_figure(
    look: int, colour: Colour, side: Colour, tick: int, *, strikes: bool, moves: bool
) -> Figure:
    """An animal or puppet; 1 is its height."""
    figure = Figure()
    step = 0.10 * math.sin(tick * 0.8) if moves else 0.0
    lunge = 0.14 if strikes else 0.0
    dark = shade(colour, 0.62)
    if look == 12:  # bird
        flap = 0.30 * math.sin(tick * 0.9)
        figure.polygon([(-0.1, 0.8), (-0.5, 0.95 + flap), (-0.75, 0.75 + flap), (-0.3, 0.62)], dark)
        figure.polygon([(-0.35, 0.66), (-0.75, 0.6), (-0.7, 0.72)], dark)
        figure.limb((-0.3, 0.68), (0.2 + lunge, 0.76), 0.12, 0.15, colour)
        figure.disc((0.34 + lunge, 0.88), 0.13, colour)
        figure.polygon(
            [(0.45 + lunge, 0.92), (0.66 + lunge, 0.85), (0.44 + lunge, 0.81)], (245, 190, 80)
        )
        figure.polygon(
            [(0.1, 0.82), (-0.2, 1.15 + flap), (-0.55, 1.05 + flap), (-0.25, 0.7)],
            mix(colour, PAPER, 0.25),
        )
        figure.disc((0.38 + lunge, 0.92), 0.03, INK, outline=False)
    elif look == 13:  # puppet
        figure.limb((-0.1, 0.42), (-0.14 - step, 0.05), 0.05, 0.06, dark)
        figure.limb((0.1, 0.42), (0.14 + step, 0.05), 0.05, 0.06, dark)
        figure.limb((0.0, 0.42), (0.02 + lunge, 0.72), 0.13, 0.16, colour)
        figure.limb(
            (0.06 + lunge, 0.7), (0.34 + 2 * lunge, 0.56), 0.05, 0.05, mix(colour, PAPER, 0.3)
        )
        figure.disc((0.04 + lunge, 0.93), 0.17, PAPER)
        figure.limb((0.06 + lunge, 0.97), (0.06 + lunge, 0.88), 0.025, 0.025, INK, outline=False)
        figure.limb((0.14 + lunge, 0.97), (0.14 + lunge, 0.88), 0.025, 0.025, INK, outline=False)
        figure.limb(
            (0.03 + lunge, 1.1),
            (0.03 + lunge, 1.5),
            0.008,
            0.008,
            mix(side, PAPER, 0.4),
            outline=False,
        )
    else:
        bulk = {10: 1.35, 11: 0.8}.get(look, 1.0)  # boar, hare, hound
        for x, swing_ in ((-0.34, step), (0.24, -step)):
            figure.limb((x, 0.42), (x + swing_ - 0.03, 0.05), 0.07 * bulk, 0.05, dark)
        figure.limb((-0.36, 0.52), (0.28 + lunge, 0.56), 0.18 * bulk, 0.19 * bulk, colour)
        for x, swing_ in ((-0.28, -step), (0.32, step)):
            figure.limb((x, 0.42), (x + swing_ + lunge / 2, 0.05), 0.075 * bulk, 0.05, colour)
        head = (0.52 + lunge, 0.76)
        figure.disc(head, 0.17 * bulk, colour)
        if look == 10:
            figure.limb(
                (head[0] + 0.1, head[1] - 0.05), (head[0] + 0.27, head[1] - 0.09), 0.09, 0.08, dark
            )
            figure.polygon(
                [
                    (head[0] + 0.15, head[1] - 0.12),
                    (head[0] + 0.33, head[1] + 0.12),
                    (head[0] + 0.24, head[1] - 0.12),
                ],
                PAPER,
            )
            for i in range(4):
                figure.polygon(
                    [(-0.3 + i * 0.16, 0.72), (-0.32 + i * 0.16, 0.88), (-0.18 + i * 0.16, 0.74)],
                    dark,
                )
        elif look == 11:
            for back in (0.0, -0.09):
                figure.limb(
                    (head[0] - 0.05 + back, head[1] + 0.12),
                    (head[0] - 0.2 + back, head[1] + 0.48),
                    0.055,
                    0.035,
                    colour,
                )
            figure.disc((-0.55, 0.55), 0.09, PAPER)
        else:
            figure.limb(
                (head[0] + 0.08, head[1] - 0.04),
                (head[0] + 0.26, head[1] - 0.07),
                0.08,
                0.06,
                colour,
            )
            figure.polygon(
                [
                    (head[0] - 0.12, head[1] + 0.1),
                    (head[0] - 0.1, head[1] + 0.34),
                    (head[0] + 0.04, head[1] + 0.13),
                ],
                dark,
            )
            figure.limb((-0.5, 0.6), (-0.74, 0.86), 0.06, 0.03, colour)
        figure.disc((head[0] + 0.05, head[1] + 0.05), 0.03, INK, outline=False)
        figure.limb((0.3 + lunge, 0.68), (0.42 + lunge, 0.58), 0.05, 0.05, side)
    return figure
