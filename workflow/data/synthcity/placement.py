"""Models in the world: where a thing's faces are, and which way they look."""

from typing import NamedTuple

import numpy as np

from .camera import IntArray
from .shapes import Group
from .weather import Vector


class Heading(NamedTuple):
    """A direction on the ground: (right, ahead) / norm has length 1, or nearly so."""

    right: int
    ahead: int
    norm: int = 1


AWAY, TOWARD, RIGHTWARD, LEFTWARD = Heading(0, 1), Heading(0, -1), Heading(1, 0), Heading(-1, 0)


def placed(group: Group, x: int, z: int, heading: Heading, percent: int) -> IntArray:
    """World coordinates (N, 3) of all corners of a group whose thing stands at (x, z); `percent` is its scale."""
    along, up, side = np.array([corner for face in group for corner in face.corners], np.int32).T * percent // 100
    right = x + (along * heading.right + side * heading.ahead) // heading.norm
    ahead = z + (along * heading.ahead - side * heading.right) // heading.norm
    return np.stack([right, up, ahead], axis=-1)


def distance(world: IntArray) -> int:
    """Twice the distance of the points' middle from the camera, sideways and ahead added up."""
    x, z = world[:, 0], world[:, 2]
    return int(abs(x.min() + x.max()) + z.min() + z.max())


def faces_camera(pixels: list[list[int]]) -> bool:
    """Whether a projected outline (column, row) runs counter-clockwise, as the outside of a face does."""
    following = (*pixels[1:], pixels[0])
    return sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(pixels, following, strict=True)) < 0


def normal(corners: list[list[int]]) -> Vector:
    """Outward normal of a face from its first three corners in the world."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = corners
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - bx, cy - by, cz - bz
    return uz * vy - uy * vz, ux * vz - uz * vx, uy * vx - ux * vy
