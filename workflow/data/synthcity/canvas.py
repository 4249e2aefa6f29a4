"""The picture under construction: colors and identities of its pixels, painted from far to near.

It is twice as wide and high as the final picture, so that four pixels of color are averaged into one, as a lens does at
the edges of things.
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from cityscapesscripts.helpers.labels import name2label
from numpy.typing import NDArray

from .camera import Camera, IntArray
from .colors import Rgb
from .dice import Dice
from .noise import Noise
from .placement import RIGHTWARD, Heading, distance, faces_camera, normal, placed
from .shapes import Corner, Model, Point
from .textures import Material
from .weather import Weather

OVERSAMPLING = 2


class _Window(NamedTuple):
    """A rectangle of the canvas, perhaps an empty one."""

    part: tuple[slice, slice]
    rows: IntArray
    columns: IntArray


class Canvas:
    """Colors `rgb` (H, W, 3) uint8, and `instance_ids` (H, W) uint16 as Cityscapes defines them.

    A class without instances has its label id as instance id; a thing of a class with instances has
    1000 times the label id plus its number in the picture.
    """

    def __init__(self, width: int, height: int, camera: Camera, weather: Weather, noise: Noise) -> None:
        """Starts black and unlabeled."""
        self.rgb = np.zeros((height, width, 3), np.uint8)
        self.instance_ids = np.zeros((height, width), np.uint16)
        self.camera, self.weather, self.noise = camera, weather, noise
        self._instances: Counter[str] = Counter()

    def class_id(self, name: str) -> int:
        """The id of a class, without telling its things apart."""
        return int(name2label[name].id)

    def new_id(self, name: str) -> int:
        """The id of one more thing of a class."""
        if not name2label[name].hasInstances:
            return self.class_id(name)
        self._instances[name] += 1
        return 1000 * self.class_id(name) + self._instances[name] - 1

    def paint_model(
        self, model: Model, instance_id: int, x: int, z: int, heading: Heading = RIGHTWARD, percent: int = 100
    ) -> None:
        """Paints a model that stands at (x, z); `percent` is its scale."""
        in_world = [(group, placed(group, x, z, heading, percent)) for group in model]
        for group, world in sorted(in_world, key=lambda pair: -distance(pair[1])):
            pixels = self.camera.project(world)
            start = 0
            for face in group:
                corners = slice(start, start + len(face.corners))
                start = corners.stop
                if not face.flat and not faces_camera(pixels[corners].tolist()):
                    continue
                cv2.fillPoly(self.instance_ids, [pixels[corners]], instance_id)
                if face.color is not None:
                    light = 1000 if face.flat else self.weather.light(normal(world[corners][:3].tolist()))
                    cv2.fillPoly(self.rgb, [pixels[corners]], self.weather.seen_color(face.color, light, z))

    def paint_along(self, x: int, z: Point, height: int, material: Material, instance_id: int) -> None:
        """Paints a textured rectangle that stands along the street; the material's s is z, its t is y."""
        corners = [(x, 0, z[0]), (x, height, z[0]), (x, height, z[1]), (x, 0, z[1])]
        light = self.weather.light((-1 if x > 0 else 1, 0, 0))
        self._paint_plane(corners, lambda w: self.camera.on_side(x, w.rows, w.columns), material, light, instance_id)

    def paint_across(self, x: Point, z: int, height: int, material: Material, instance_id: int) -> None:
        """Paints a textured rectangle that stands across the street; the material's s is x, its t is y."""
        corners = [(x[0], 0, z), (x[0], height, z), (x[1], height, z), (x[1], 0, z)]
        light = self.weather.light((0, 0, -1))
        self._paint_plane(corners, lambda w: self.camera.on_front(z, w.rows, w.columns), material, light, instance_id)

    def _paint_plane(
        self,
        corners: list[Corner],
        places: Callable[[_Window], tuple[IntArray, IntArray]],
        material: Material,
        light: int,
        instance_id: int,
    ) -> None:
        window, inside = self._quadrangle(corners)
        surface = material(*places(window), self.noise)
        depth = sum(z for _, _, z in corners) // len(corners)
        seen = self.weather.seen(surface.color, light, depth)
        np.copyto(self.rgb[window.part], seen, where=(inside & surface.solid)[..., None])
        self.instance_ids[window.part][inside] = instance_id

    def paint_foliage(self, x: int, y: int, z: int, radius: int, color: Rgb, instance_id: int) -> None:
        """Paints a ball of leaves with a ragged edge, brighter at the top and toward the sun."""
        (column, row), (_, top) = self.camera.project(np.array([(x, y, z), (x, y + radius, z)], np.int32)).tolist()
        size = max(2, row - top)
        window = self._window(np.array([(column - size, row - size), (column + size, row + size)]))
        dx, dy = (window.columns - column)[None, :], (window.rows - row)[:, None]
        leaf = max(1, 12 * size // radius)
        leaves = self.noise("leaves", dx * 5 // leaf + x, dy * 5 // leaf + y)
        inside = (dx * dx + dy * dy) * 256 < size * size * (leaves + 140)
        sunward = dx * (160 * self.weather.sun_direction[0] // 1000) // size
        relief = (leaves - 128) * 4 - 260 * dy // size + sunward
        light = np.clip(self.weather.ambient + self.weather.sun // 2 + relief, 150, 1500)
        seen = self.weather.seen(np.array(color, np.int32), light[..., None], z)
        np.copyto(self.rgb[window.part], seen, where=inside[..., None])
        self.instance_ids[window.part][inside] = instance_id

    def paint_shadow(self, x: Point, z: Point) -> None:
        """Darkens a rectangle of the ground."""
        window, inside = self._quadrangle([(x[0], 0, z[0]), (x[1], 0, z[0]), (x[1], 0, z[1]), (x[0], 0, z[1])])
        part = self.rgb[window.part]
        part[inside] = part[inside] // 16 * 9

    def developed(self, dice: Dice) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
        """The final picture (h, w, 3) with the camera's exposure and noise, and its instance ids (h, w)."""
        step = OVERSAMPLING
        ids = self.instance_ids[::step, ::step].copy()
        light = np.zeros((*ids.shape, 3), np.int32)
        for row, column in np.ndindex(step, step):
            light += self.rgb[row::step, column::step]
        noise = dice.rng.integers(-5, 5, light.shape, dtype=np.int8, endpoint=True)
        exposed = light * np.array(self.weather.exposure, np.int32) // (1000 * step**2) + noise
        return np.clip(exposed, 0, 255).astype(np.uint8), ids

    def _window(self, outline: IntArray) -> _Window:
        """The part of the canvas around an outline of pixels (N, 2)."""
        height, width = self.instance_ids.shape
        left, top = np.clip(outline.min(axis=0), 0, (width, height)).tolist()
        right, bottom = np.clip(outline.max(axis=0) + 1, 0, (width, height)).tolist()
        rows, columns = np.arange(top, bottom, dtype=np.int32), np.arange(left, right, dtype=np.int32)
        return _Window((slice(top, bottom), slice(left, right)), rows, columns)

    def _quadrangle(self, corners: list[Corner]) -> tuple[_Window, NDArray[np.bool_]]:
        """The window around four points of a plane, and which of its pixels lie between them."""
        outline = self.camera.project(np.array(corners, np.int32))
        window = self._window(outline)
        inside = np.zeros((window.rows.size, window.columns.size), np.uint8)
        if inside.size:
            cv2.fillConvexPoly(inside, outline - [window.columns[0], window.rows[0]], 1)
        return window, inside.astype(bool)
