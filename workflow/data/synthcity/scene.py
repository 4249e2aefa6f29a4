"""One picture of a street with the identities of its pixels."""

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .canvas import OVERSAMPLING, Canvas
from .colors import Rgb, pick, scaled
from .ground import paint_ground
from .lots import paint_lots
from .noise import Noise
from .sky import paint_sky
from .street import Street, Strip, some_street
from .things import CROSSING, SOWN
from .weather import some_weather

_SUNS: tuple[Rgb, ...] = ((-600, 700, -387), (600, 700, -387), (-800, 500, 331), (800, 500, 331), (300, 600, -742))
_BONNETS: tuple[Rgb, ...] = ((40, 42, 46), (126, 128, 132), (60, 70, 90))


def draw_scene(rng: np.random.Generator, width: int, height: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Draws a street.

    Args:
        rng: decides everything that varies.
        width: of the picture in pixels.
        height: of the picture in pixels.

    Returns:
        The picture (height, width, 3) as RGB, and the Cityscapes instance ids (height, width) of its pixels.
    """
    rows, columns = OVERSAMPLING * height, OVERSAMPLING * width
    camera = Camera(
        focal=columns * int(rng.integers(62, 78)) // 100,
        column=columns // 2 + int(rng.integers(-columns // 14, columns // 14 + 1)),
        row=rows * int(rng.integers(38, 48)) // 100,
        height=int(rng.integers(150, 215)),
    )
    weather, sun = some_weather(rng), _SUNS[rng.integers(len(_SUNS))]
    canvas = Canvas(columns, rows, camera, weather, sun, Noise(rng))
    street = some_street(rng)
    paint_sky(canvas, rng)
    paint_ground(canvas, rng, street)
    paint_lots(canvas, rng, street)
    for strip in street.strips:
        _populate(canvas, rng, street, strip)
    if street.cross_traffic:
        _paint_cross_traffic(canvas, rng, street.crossing[1])
    _paint_ego_vehicle(canvas, rng)
    return canvas.developed(rng)


def _populate(canvas: Canvas, rng: np.random.Generator, street: Street, strip: Strip) -> None:
    """Sets things along a strip from far to near.

    Of two strips on one side of the camera the outer one can be hidden by the inner one, never hide it: so strips are
    painted from the outside inwards, and no depths are ever compared.
    """
    sown = SOWN[strip.kind]
    shares = np.cumsum([entry.weight for entry in sown])
    near = max(street.near, abs(strip.center) + 150)
    z = street.far - int(rng.integers(0, 1000))
    while True:
        entry = sown[np.searchsorted(shares, rng.integers(shares[-1]), side="right")]
        z -= entry.length + int(rng.integers(0, 250))
        if z < near:
            return
        on_side_street = street.crossing[0] < z < street.crossing[1]
        if strip.kind == "lane" or not on_side_street:
            entry.paint(canvas, rng, strip.center, z, strip.side)


def _paint_cross_traffic(canvas: Canvas, rng: np.random.Generator, far: int) -> None:
    """Sets what passes in front of the waiting camera."""
    z = far - int(rng.integers(250, 500))
    x = -int(rng.integers(0, 1600))
    while x < 1000:
        entry = CROSSING[rng.integers(len(CROSSING))]
        entry.paint(canvas, rng, x, z, 1)
        x += entry.length + int(rng.integers(100, 800))


def _paint_ego_vehicle(canvas: Canvas, rng: np.random.Generator) -> None:
    """The bonnet of the car that carries the camera, and the border that is not evaluated."""
    height, width = canvas.instance_ids.shape
    color, top = pick(rng, _BONNETS), height - int(rng.integers(height // 24, height // 9))
    shares = ((0, 70), (8, 34), (22, 10), (40, 0), (60, 0), (78, 10), (92, 34), (100, 70))
    outline = [(width * a // 100, top + height * b // 1000) for a, b in shares]
    polygon = np.array([*outline, (width, height), (0, height)], np.int32)
    cv2.fillPoly(canvas.rgb, [polygon], scaled(color, canvas.light((0, 1, 0))))
    cv2.fillPoly(canvas.instance_ids, [polygon], canvas.stuff("ego vehicle"))
    cv2.rectangle(canvas.instance_ids, (0, 0), (width - 1, height - 1), canvas.stuff("out of roi"), 3)
