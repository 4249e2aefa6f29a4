"""Things that stand in the strips of a street: each function paints one of them, or a small group."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from . import figures, furniture, vehicles
from .canvas import AWAY, LEFTWARD, RIGHTWARD, TOWARD, Canvas, Heading
from .colors import pick, scaled
from .shapes import Model
from .textures import LEAVES, some_fence

Thing = Callable[[Canvas, np.random.Generator, int, int, int], None]
"""Paints itself on the canvas with its near end at (x, z); the last argument is its side of the street, -1 or 1."""

_LEAVES_OF_A_TREE = ((0, 0, 100), (-70, -30, 72), (72, -24, 70), (-30, 52, 70), (38, 50, 66), (0, -48, 74))
_LEAVES_OF_A_POPLAR = ((0, -110, 64), (6, -60, 70), (-5, 0, 72), (4, 60, 62), (0, 115, 48))
_SLIGHT_TURNS = (AWAY, AWAY, Heading(1, 12, 12), Heading(-1, 12, 12))
_SLANTED = (RIGHTWARD, LEFTWARD, Heading(3, 4, 5), Heading(-3, 4, 5), Heading(4, 3, 5))


def _length(model: Model) -> int:
    return max(corner[0] for group in model for face in group for corner in face.corners)


def _half_width(model: Model) -> int:
    return max(corner[2] for group in model for face in group for corner in face.corners)


def vehicle(canvas: Canvas, label: str, model: Model, x: int, z: int, heading: Heading) -> None:
    """Paints a vehicle with its shadow; x is its middle line along the street, its left end across it."""
    half, length = _half_width(model), _length(model)
    if abs(heading.ahead) > abs(heading.right):
        canvas.shadow((x - half - 12, x + half + 12), (z - 10, z + length))
        start = x, z if heading.ahead > 0 else z + length
    else:
        canvas.shadow((x, x + length), (z - half - 12, z + half + 12))
        start = x if heading.right > 0 else x + length, z
    canvas.model(model, canvas.thing(label), *start, heading)


def driving(label: str, build: Callable[[np.random.Generator], Model]) -> Thing:
    """A vehicle in its lane: ahead of the camera on the right, oncoming on the left."""

    def thing(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
        heading = AWAY if side > 0 else TOWARD
        if side > 0 and label == "car":
            heading = _SLIGHT_TURNS[rng.integers(len(_SLIGHT_TURNS))]
        vehicle(canvas, label, build(rng), x + int(rng.integers(-25, 26)), z, heading)

    return thing


def parked(label: str, build: Callable[[np.random.Generator], Model]) -> Thing:
    """A vehicle at the curb, facing either way."""

    def thing(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
        vehicle(canvas, label, build(rng), x + int(rng.integers(-12, 13)), z, (AWAY, TOWARD)[rng.integers(2)])

    return thing


def crossing(label: str, build: Callable[[np.random.Generator], Model]) -> Thing:
    """A vehicle that crosses the picture."""

    def thing(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
        vehicle(canvas, label, build(rng), x, z, _either_way(rng))

    return thing


def _either_way(rng: np.random.Generator) -> Heading:
    return (RIGHTWARD, LEFTWARD)[rng.integers(2)]


def person(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """A grown-up or a child."""
    build = (figures.walker, figures.stander)[rng.integers(2)]
    percent = int(rng.integers(92, 112)) if rng.integers(6) else int(rng.integers(55, 85))
    canvas.shadow((x - 30, x + 34), (z - 8, z + 24))
    canvas.model(build(rng), canvas.thing("person"), x, z, _either_way(rng), percent)


def people(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """Two or three persons side by side."""
    for number in range(int(rng.integers(2, 4))):
        person(canvas, rng, x + (number - 1) * int(rng.integers(45, 75)), z - 15 * number, side)


def cyclist(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """A bicycle with its rider."""
    _ridden(
        canvas,
        rng,
        x,
        z,
        "bicycle",
        (figures.bicycle_side, figures.cyclist_side),
        (figures.bicycle_end, figures.cyclist_end),
    )


def motorcyclist(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """A motorcycle with its rider."""
    side_view, end_view = (
        (figures.motorcycle_side, figures.motorcyclist_side),
        (figures.motorcycle_end, figures.cyclist_end),
    )
    _ridden(canvas, rng, x, z, "motorcycle", side_view, end_view)


def _ridden(
    canvas: Canvas,
    rng: np.random.Generator,
    x: int,
    z: int,
    label: str,
    side_view: tuple[Callable[[np.random.Generator], Model], ...],
    end_view: tuple[Callable[[np.random.Generator], Model], ...],
) -> None:
    canvas.shadow((x - 50, x + 50), (z - 10, z + 30))
    from_the_side = bool(rng.integers(2))
    heading = _SLANTED[rng.integers(len(_SLANTED))] if from_the_side else RIGHTWARD
    for build, identity in zip(side_view if from_the_side else end_view, (label, "rider"), strict=True):
        canvas.model(build(rng), canvas.thing(identity), x, z, heading, 108)


def parked_bicycle(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """A bicycle that leans somewhere."""
    canvas.model(figures.bicycle_side(rng), canvas.thing("bicycle"), x, z, _either_way(rng), 108)


def bicycle_rack(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """Bicycles that nobody could tell apart: one region without instances."""
    identity = canvas.stuff("bicycle")
    for number in range(int(rng.integers(3, 6)), 0, -1):
        canvas.model(
            figures.bicycle_side(rng), identity, x + int(rng.integers(-20, 21)), z + number * 28, _either_way(rng), 108
        )


def parked_motorcycle(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """A motorcycle on its stand."""
    canvas.shadow((x - 90, x + 90), (z - 10, z + 30))
    canvas.model(figures.motorcycle_side(rng), canvas.thing("motorcycle"), x, z, _either_way(rng), 108)


def tree(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """A tree with a round or a slender crown."""
    slender = rng.integers(4) == 0
    crown = _LEAVES_OF_A_POPLAR if slender else _LEAVES_OF_A_TREE
    radius = int(rng.integers(110, 200)) if slender else int(rng.integers(130, 230))
    stem = int(rng.integers(180, 260))
    identity, color = canvas.stuff("vegetation"), pick(rng, LEAVES)
    canvas.shadow((x - radius, x + radius), (z - 40, z + radius))
    canvas.model(furniture.trunk(rng, stem + radius), identity, x, z)
    center = stem + (radius * 17 // 10 if slender else radius * 9 // 10)
    for dx, dy, size in crown:
        canvas.foliage(x + dx * radius // 100, center + dy * radius // 100, z, size * radius // 100, color, identity)


def bush(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """Two or three low bushes."""
    identity, color = canvas.stuff("vegetation"), pick(rng, LEAVES)
    for number in range(int(rng.integers(1, 4))):
        radius = int(rng.integers(45, 100))
        canvas.foliage(x + number * 60 - 60, radius * 7 // 10, z, radius, scaled(color, 920), identity)


def street_lamp(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """A lamp over the street."""
    canvas.model(furniture.street_lamp(rng), canvas.stuff("pole"), x, z, RIGHTWARD if side > 0 else LEFTWARD)


def bollard(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """A short post at the curb."""
    canvas.model(furniture.post(rng, int(rng.integers(85, 115)), 16), canvas.stuff("pole"), x, z)


def traffic_sign(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """One or two signs on a pole."""
    height = int(rng.integers(250, 330))
    canvas.model(furniture.post(rng, height, 12), canvas.stuff("pole"), x, z)
    identity = canvas.stuff("traffic sign")
    for number in range(int(rng.integers(1, 3))):
        canvas.model(furniture.traffic_sign(rng, height - 34 - 92 * number), identity, x, z)


def traffic_light(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """A signal on a pole; some have a second one on an arm over the street."""
    pole, light = canvas.stuff("pole"), canvas.stuff("traffic light")
    heading = RIGHTWARD if side > 0 else LEFTWARD
    tall = bool(rng.integers(2))
    canvas.model(furniture.post(rng, 590 if tall else 340, 18), pole, x, z)
    if tall:
        reach = int(rng.integers(180, 330))
        canvas.model(furniture.arm(rng, reach, 580), pole, x, z, heading)
        canvas.model(furniture.traffic_light(rng, 490), light, x - side * reach, z)
    canvas.model(furniture.traffic_light(rng, 230), light, x, z)


def litter_bin(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """Something fixed that no class covers."""
    canvas.model(furniture.container(rng), canvas.stuff("static"), x, z)


def dog(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """Something that moves and that no class covers."""
    canvas.model(furniture.dog(rng), canvas.stuff("dynamic"), x, z, _either_way(rng))


def railing(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """A low fence along the curb."""
    height = int(rng.integers(95, 130))
    canvas.side(x, (z, z + int(rng.integers(500, 1000))), (0, height), some_fence(rng, height), canvas.stuff("fence"))


def gap(canvas: Canvas, rng: np.random.Generator, x: int, z: int, side: int) -> None:
    """Nothing."""


class Sown(NamedTuple):
    """How often a thing stands in a strip, and how much of the strip's length it takes in cm."""

    weight: int
    length: int
    paint: Thing


_MOVING = (
    Sown(9, 560, driving("car", vehicles.car)),
    Sown(3, 1000, driving("truck", vehicles.truck)),
    Sown(3, 1300, driving("bus", vehicles.bus)),
    Sown(4, 350, motorcyclist),
    Sown(4, 350, cyclist),
    Sown(1, 200, person),
    Sown(7, 900, gap),
)

SOWN: dict[str, tuple[Sown, ...]] = {
    "lane": _MOVING,
    "parking": (
        Sown(12, 540, parked("car", vehicles.car)),
        Sown(1, 620, parked("caravan", vehicles.caravan)),
        Sown(2, 1000, parked("truck", vehicles.truck)),
        Sown(2, 260, parked_motorcycle),
        Sown(5, 500, gap),
    ),
    "tracks": (Sown(3, 2700, driving("train", vehicles.tram)), Sown(1, 1500, gap)),
    "railing": (Sown(4, 1000, railing), Sown(2, 200, bollard), Sown(3, 800, gap)),
    "verge": (
        Sown(5, 500, tree),
        Sown(3, 300, bush),
        Sown(2, 300, street_lamp),
        Sown(3, 300, traffic_sign),
        Sown(3, 300, traffic_light),
        Sown(2, 400, gap),
    ),
    "sidewalk": (
        Sown(6, 160, person),
        Sown(3, 220, people),
        Sown(2, 240, cyclist),
        Sown(2, 220, parked_bicycle),
        Sown(1, 300, bicycle_rack),
        Sown(2, 260, parked_motorcycle),
        Sown(2, 200, traffic_sign),
        Sown(2, 200, traffic_light),
        Sown(2, 200, street_lamp),
        Sown(1, 200, litter_bin),
        Sown(1, 200, dog),
        Sown(5, 400, gap),
    ),
    "garden": (Sown(3, 400, bush), Sown(2, 700, tree), Sown(4, 500, gap)),
}

CROSSING = (
    Sown(1, 560, crossing("car", vehicles.car)),
    Sown(1, 1000, crossing("truck", vehicles.truck)),
    Sown(1, 1300, crossing("bus", vehicles.bus)),
    Sown(1, 2300, crossing("train", vehicles.tram)),
    Sown(1, 300, cyclist),
    Sown(1, 300, motorcyclist),
    Sown(1, 200, people),
)
