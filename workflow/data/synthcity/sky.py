"""The sky."""

import numpy as np

from .canvas import Canvas
from .dice import Dice


def paint_sky(canvas: Canvas, dice: Dice) -> None:
    """Paints everything above the horizon: brighter toward it, with clouds."""
    rows = np.arange(canvas.camera.row + 1, dtype=np.int32)[:, None]
    columns = np.arange(canvas.instance_ids.shape[1], dtype=np.int32)[None, :]
    weather = canvas.weather
    zenith, horizon, cloud = (np.array(color, np.int32) for color in (weather.zenith, weather.horizon, weather.cloud))
    low = rows[..., None] * 256 // canvas.camera.row
    clear = (zenith * (256 - low) + horizon * low) >> 8
    s, t = dice.between(0, 255), dice.between(0, 255)
    cover = np.clip((weather.overcast - canvas.noise("clouds", columns // 3 + s, rows + t)) * 6, 0, 220)[..., None]
    canvas.rgb[: rows.size] = (clear * (256 - cover) + cloud * cover) >> 8
    canvas.instance_ids[: rows.size] = canvas.class_id("sky")
