"""The picture under construction: colors and identities of its pixels, painted from far to near.

It is twice as wide and high as the final picture, so that `developed` can average four pixels of color into one, as
the lens of a camera does at the edges of things.
"""

from collections import Counter
from collections.abc import Callable
from math import isqrt
from typing import NamedTuple

import cv2
import numpy as np
from cityscapesscripts.helpers.labels import name2label
from numpy.typing import NDArray

from .camera import Camera, IntArray
from .colors import Rgb
from .noise import Noise
from .shapes import Group, Model, Point
from .weather import Weather

OVERSAMPLING = 2


class Heading(NamedTuple):
    """A direction on the ground: (right, ahead) / norm has length 1."""

    right: int
    ahead: int
    norm: int = 1


AWAY, TOWARD, RIGHTWARD, LEFTWARD = Heading(0, 1), Heading(0, -1), Heading(1, 0), Heading(-1, 0)


class Surface(NamedTuple):
    """How a textured plane looks at some places."""

    color: IntArray  # (..., 3), not clipped
    solid: NDArray[np.bool_] | bool = True  # where it hides what is behind it


Material = Callable[[IntArray, IntArray, Noise], Surface]
"""Texture of a plane at places (s, t) in centimeters, which broadcast together."""


class Canvas:
    """Colors `rgb` (H, W, 3) uint8 and `instance_ids` (H, W) uint16 as Cityscapes defines them."""

    def __init__(self, width: int, height: int, camera: Camera, weather: Weather, sun: Rgb, noise: Noise) -> None:
        """Starts with nothing but `unlabeled`; `sun` is the direction to the sun (x, y, z) in thousandths."""
        self.rgb = np.zeros((height, width, 3), np.uint8)
        self.instance_ids = np.zeros((height, width), np.uint16)
        self.camera, self.weather, self.sun, self.noise = camera, weather, sun, noise
        self._instances: Counter[int] = Counter()

    def thing(self, label: str) -> int:
        """A new identity for one thing of the class: its own number where Cityscapes counts instances."""
        kind = name2label[label]
        if not kind.hasInstances:
            return int(kind.id)
        self._instances[kind.id] += 1
        return int(kind.id * 1000 + self._instances[kind.id] - 1)

    def stuff(self, label: str) -> int:
        """The identity of a class without telling its things apart."""
        return int(name2label[label].id)

    def model(
        self, model: Model, identity: int, x: int, z: int, heading: Heading = RIGHTWARD, percent: int = 100
    ) -> None:
        """Paints a model that stands at (x, z); `percent` is its scale."""
        placed = [_placed(group, x, z, heading, percent) for group in model]
        for group, world in sorted(zip(model, placed, strict=True), key=lambda pair: -_distance(pair[1])):
            pixels = self.camera.project(world)
            start = 0
            for face in group:
                part = slice(start, start + len(face.corners))
                start = part.stop
                if not face.flat and _clockwise(pixels[part].tolist()):
                    continue
                cv2.fillPoly(self.instance_ids, [pixels[part]], identity)
                if face.color is not None:
                    light = 1000 if face.flat else self.light(_normal(world[part][:3].tolist()))
                    cv2.fillPoly(self.rgb, [pixels[part]], self._flat_color(face.color, light, z))

    def side(self, x: int, z: Point, y: Point, material: Material, identity: int) -> None:
        """Paints a textured rectangle beside the street; the material's s is z, its t is y."""
        corners = [(x, y[0], z[0]), (x, y[1], z[0]), (x, y[1], z[1]), (x, y[0], z[1])]
        light = self.light((-1 if x > 0 else 1, 0, 0))
        self._plane(corners, lambda rows, columns: self.camera.on_side(x, rows, columns), material, identity, light)

    def front(self, x: Point, z: int, y: Point, material: Material, identity: int) -> None:
        """Paints a textured rectangle across the street; the material's s is x, its t is y."""
        corners = [(x[0], y[0], z), (x[0], y[1], z), (x[1], y[1], z), (x[1], y[0], z)]
        light = self.light((0, 0, -1))
        self._plane(corners, lambda rows, columns: self.camera.on_front(z, rows, columns), material, identity, light)

    def _plane(
        self,
        corners: list[tuple[int, int, int]],
        places: Callable[[IntArray, IntArray], tuple[IntArray, IntArray]],
        material: Material,
        identity: int,
        light: int,
    ) -> None:
        window, rows, columns, inside = self._quadrangle(corners)
        surface = material(*places(rows, columns), self.noise)
        self.instance_ids[window][inside] = identity
        shown = inside & surface.solid
        depth = sum(z for _, _, z in corners) // len(corners)
        self.rgb[window][shown] = self.through_air(surface.color[shown] * light // 1000, depth)

    def shadow(self, x: Point, z: Point) -> None:
        """Darkens a rectangle of the ground."""
        window, _, _, inside = self._quadrangle([(x[0], 0, z[0]), (x[1], 0, z[0]), (x[1], 0, z[1]), (x[0], 0, z[1])])
        part = self.rgb[window]
        part[inside] = part[inside] // 16 * 9

    def foliage(self, x: int, y: int, z: int, radius: int, color: Rgb, identity: int) -> None:
        """Paints a ball of leaves with a ragged edge."""
        (column, row), (_, top) = self.camera.project(np.array([(x, y, z), (x, y + radius, z)], np.int32)).tolist()
        size = max(2, row - top)
        window, rows, columns = self._window(np.array([(column - size, row - size), (column + size, row + size)]))
        dx, dy = (columns - column)[None, :], (rows - row)[:, None]
        pixels_a_leaf = max(1, 12 * size // radius)
        leaves = self.noise("leaves", dx * 5 // pixels_a_leaf + x, dy * 5 // pixels_a_leaf + y)
        inside = (dx * dx + dy * dy) * 256 < size * size * (leaves + 140)
        sunward = dx * (160 * self.sun[0] // 1000) // size
        relief = ((leaves - 128) * 4 - 260 * dy // size + sunward)[inside]
        light = np.clip(self.weather.ambient + self.weather.sun // 2 + relief, 150, 1500)
        self.rgb[window][inside] = self.through_air(np.array(color, np.int32) * light[:, None] // 1000, z)
        self.instance_ids[window][inside] = identity

    def light(self, normal: tuple[int, int, int]) -> int:
        """Thousandths of its color that a surface with this outward normal shows."""
        length = isqrt(sum(n * n for n in normal)) or 1
        toward = sum(n * s for n, s in zip(normal, self.sun, strict=True)) // length
        return self.weather.ambient + self.weather.sun * max(0, toward) // 1000

    def developed(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
        """The final picture (h, w, 3) with the camera's exposure and noise, and its instance ids (h, w)."""
        step = OVERSAMPLING
        height, width = (extent // step for extent in self.instance_ids.shape)
        light = np.zeros((height, width, 3), np.int32)
        for offset in np.ndindex(step, step):
            light += self.rgb[offset[0] :: step, offset[1] :: step]
        noise = rng.integers(-5, 6, light.shape, dtype=np.int8)
        exposed = light * np.array(self.weather.exposure, np.int32) // (1000 * step**2) + noise
        return np.clip(exposed, 0, 255).astype(np.uint8), self.instance_ids[::step, ::step].copy()

    def _window(self, outline: IntArray) -> tuple[tuple[slice, slice], IntArray, IntArray]:
        """The part of the canvas around an outline, as slices and as its rows and columns; perhaps empty."""
        height, width = self.instance_ids.shape
        left, top = np.clip(outline.min(axis=0), 0, (width, height)).tolist()
        right, bottom = np.clip(outline.max(axis=0) + 1, 0, (width, height)).tolist()
        rows, columns = np.arange(top, bottom, dtype=np.int32), np.arange(left, right, dtype=np.int32)
        return (slice(top, bottom), slice(left, right)), rows, columns

    def _quadrangle(
        self, corners: list[tuple[int, int, int]]
    ) -> tuple[tuple[slice, slice], IntArray, IntArray, NDArray[np.bool_]]:
        """The window around four points of a plane, and which of its pixels lie between them."""
        outline = self.camera.project(np.array(corners, np.int32))
        window, rows, columns = self._window(outline)
        inside = np.zeros((rows.size, columns.size), np.uint8)
        if inside.size:
            cv2.fillConvexPoly(inside, outline - [columns[0], rows[0]], 1)
        return window, rows, columns, inside.astype(bool)

    def _flat_color(self, color: Rgb, light: int, depth: int) -> Rgb:
        """`through_air` of one color, much faster."""
        hidden = depth * 256 // (self.weather.sight + depth)
        red, green, blue = (
            min(255, (c * light // 1000 * (256 - hidden) + h * hidden) >> 8)
            for c, h in zip(color, self.weather.horizon, strict=True)
        )
        return red, green, blue

    def through_air(self, color: IntArray, depth: IntArray | int) -> NDArray[np.uint8]:
        """Colors (..., 3) as they arrive from so many cm away; what is too bright or too dark is clipped."""
        hidden = depth * 256 // (self.weather.sight + depth)
        mixed = color * (256 - hidden) + np.array(self.weather.horizon, np.int32) * hidden
        clipped: NDArray[np.uint8] = np.clip(mixed >> 8, 0, 255).astype(np.uint8)
        return clipped


def _placed(group: Group, x: int, z: int, heading: Heading, percent: int) -> IntArray:
    """World coordinates (N, 3) of the group's corners."""
    along, up, side = np.array([corner for face in group for corner in face.corners], np.int32).T * percent // 100
    right = x + (along * heading.right + side * heading.ahead) // heading.norm
    ahead = z + (along * heading.ahead - side * heading.right) // heading.norm
    return np.stack([right, up, ahead], axis=-1)


def _distance(world: IntArray) -> int:
    """Twice the distance from the camera, city-block, to the middle of the points' extent on the ground."""
    x, z = world[:, 0], world[:, 2]
    return int(abs(x.min() + x.max()) + z.min() + z.max())


def _clockwise(polygon: list[list[int]]) -> bool:
    following = (*polygon[1:], polygon[0])
    return sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(polygon, following, strict=True)) >= 0


def _normal(corners: list[list[int]]) -> tuple[int, int, int]:
    """Outward normal of a face from its first three corners."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = corners
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - bx, cy - by, cz - bz
    return uz * vy - uy * vz, ux * vz - uz * vx, uy * vx - ux * vy
