"""A pinhole camera in whole numbers.

World: centimeters, x to the right, y up, z ahead; the origin lies on the ground below the camera. Integers keep
every pixel the same on every machine.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]


@dataclass(frozen=True)
class Camera:
    """A camera that looks along z, with lengths of the picture in pixels of the canvas."""

    focal: int
    column: int  # of the vanishing point
    row: int  # of the horizon
    height: int  # cm above the ground

    def project(self, points: IntArray) -> IntArray:
        """World points (..., 3) with z > 0 to pixels (..., 2) as column, row."""
        x, y, z = points[..., 0], points[..., 1], points[..., 2]
        return np.stack([self.column + self.focal * x // z, self.row + self.focal * (self.height - y) // z], axis=-1)

    def on_ground(self, rows: IntArray, columns: IntArray) -> tuple[IntArray, IntArray]:
        """World x (H, W) and z (H, 1) where pixels below the horizon see the plane y = 0."""
        z = self.focal * self.height // (rows[:, None] - self.row)
        return (columns - self.column) * z // self.focal, z

    def on_side(self, x: int, rows: IntArray, columns: IntArray) -> tuple[IntArray, IntArray]:
        """World z (1, W) and y (H, W) where pixels see the plane of constant x."""
        offset = columns - self.column
        z = self.focal * x // np.where(offset == 0, 1, offset)[None, :]
        return z, self.height - (rows[:, None] - self.row) * z // self.focal

    def on_front(self, z: int, rows: IntArray, columns: IntArray) -> tuple[IntArray, IntArray]:
        """World x (1, W) and y (H, 1) where pixels see the plane of constant z."""
        x = (columns - self.column)[None, :] * z // self.focal
        return x, self.height - (rows - self.row)[:, None] * z // self.focal
