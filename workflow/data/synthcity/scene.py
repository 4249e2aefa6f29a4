"""One picture of a street with the identities of its pixels."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .canvas import OVERSAMPLING, Canvas
from .colors import scaled, some_color
from .contents import CROSS_TRAFFIC, STRIPS
from .dice import Dice
from .ground import paint_ground
from .lots import paint_lots
from .noise import Noise
from .sky import paint_sky
from .street import Street, Strip, some_street
from .weather import some_weather

_BONNETS = ((40, 42, 46), (126, 128, 132), (60, 70, 90))
_BONNET_OUTLINE = ((0, 70), (8, 34), (22, 10), (40, 0), (60, 0), (78, 10), (92, 34), (100, 70))  # % across, ‰ down


def draw_scene(seed: Sequence[int], width: int, height: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Draws a street.

    Args:
        seed: decides everything that varies.
        width: of the picture in pixels.
        height: of the picture in pixels.

    Returns:
        The picture (height, width, 3) as RGB, and the Cityscapes instance ids (height, width) of its pixels.
    """
    dice = Dice(seed)
    rows, columns = OVERSAMPLING * height, OVERSAMPLING * width
    camera = Camera(
        focal=columns * dice.between(62, 78) // 100,
        column=columns * dice.between(43, 57) // 100,
        row=rows * dice.between(38, 48) // 100,
        height=dice.between(150, 215),
    )
    canvas = Canvas(columns, rows, camera, some_weather(dice), Noise(dice))
    street = some_street(dice)
    paint_sky(canvas, dice)
    paint_ground(canvas, dice, street)
    paint_lots(canvas, dice, street)
    for strip in street.strips:
        _paint_contents(canvas, dice, street, strip)
    if street.cross_traffic:
        _paint_cross_traffic(canvas, dice, street.crossing[1])
    _paint_ego_vehicle(canvas, dice)
    _mark_border(canvas)
    return canvas.developed(dice)


def _paint_contents(canvas: Canvas, dice: Dice, street: Street, strip: Strip) -> None:
    """Sets things along a strip from far to near.

    Of two strips on one side of the camera the inner one may hide the outer one, never the other way round: so strips
    are painted from the outside inwards, and the depths of their things need no comparison.
    """
    entries = STRIPS[strip.kind]
    near = max(street.near, abs(strip.center) + 150)
    z = street.far - dice.between(0, 1000)
    while True:
        entry = dice.weighted(entries, [entry.weight for entry in entries])
        z -= entry.length + dice.between(0, 250)
        if z < near:
            return
        if strip.kind == "lane" or not street.crossing[0] < z < street.crossing[1]:
            entry.paint(canvas, dice, strip.center, z)


def _paint_cross_traffic(canvas: Canvas, dice: Dice, far: int) -> None:
    """Sets what passes in front of the waiting camera."""
    z = far - dice.between(200, 400)
    x = -dice.between(0, 1600)
    while x < 1000:
        entry = dice.weighted(CROSS_TRAFFIC, [entry.weight for entry in CROSS_TRAFFIC])
        entry.paint(canvas, dice, x, z)
        x += entry.length + dice.between(100, 800)


def _paint_ego_vehicle(canvas: Canvas, dice: Dice) -> None:
    """The bonnet of the car that carries the camera."""
    height, width = canvas.instance_ids.shape
    top = height - dice.between(height // 24, height // 9)
    rim = [(width * across // 100, top + height * down // 1000) for across, down in _BONNET_OUTLINE]
    outline = np.array([*rim, (width, height), (0, height)], np.int32)
    color = scaled(some_color(dice, _BONNETS), canvas.weather.light((0, 1, 0)))
    cv2.fillPoly(canvas.rgb, [outline], color)
    cv2.fillPoly(canvas.instance_ids, [outline], canvas.class_id("ego vehicle"))


def _mark_border(canvas: Canvas) -> None:
    """The border that Cityscapes does not evaluate."""
    height, width = canvas.instance_ids.shape
    cv2.rectangle(canvas.instance_ids, (0, 0), (width - 1, height - 1), canvas.class_id("out of roi"), 3)
