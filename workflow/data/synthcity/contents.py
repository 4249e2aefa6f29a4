"""What stands in the strips of a street, and how often."""

from typing import NamedTuple

from . import things, vehicles
from .things import Thing


class Entry(NamedTuple):
    """A thing, how often it is chosen in proportion to the others, and how much of the strip it takes in cm."""

    weight: int
    length: int
    paint: Thing


STRIPS: dict[str, tuple[Entry, ...]] = {
    "lane": (
        Entry(9, 560, things.driving_car(vehicles.car)),
        Entry(3, 1000, things.driving("truck", vehicles.truck)),
        Entry(3, 1300, things.driving("bus", vehicles.bus)),
        Entry(4, 350, things.motorcyclist),
        Entry(4, 350, things.cyclist),
        Entry(1, 200, things.person),
        Entry(7, 900, things.gap),
    ),
    "tracks": (
        Entry(3, 2700, things.driving("train", vehicles.tram)),
        Entry(1, 1500, things.gap),
    ),
    "parking": (
        Entry(12, 540, things.parked("car", vehicles.car)),
        Entry(1, 620, things.parked("caravan", vehicles.caravan)),
        Entry(2, 1000, things.parked("truck", vehicles.truck)),
        Entry(2, 260, things.parked_motorcycle),
        Entry(5, 500, things.gap),
    ),
    "railing": (
        Entry(4, 1000, things.railing),
        Entry(2, 200, things.bollard),
        Entry(3, 800, things.gap),
    ),
    "verge": (
        Entry(5, 500, things.tree),
        Entry(3, 300, things.bush),
        Entry(2, 300, things.street_lamp),
        Entry(3, 300, things.traffic_sign),
        Entry(3, 300, things.traffic_light),
        Entry(2, 400, things.gap),
    ),
    "sidewalk": (
        Entry(6, 160, things.person),
        Entry(3, 220, things.people),
        Entry(2, 240, things.cyclist),
        Entry(2, 220, things.parked_bicycle),
        Entry(1, 300, things.bicycle_rack),
        Entry(2, 260, things.parked_motorcycle),
        Entry(2, 200, things.traffic_sign),
        Entry(2, 200, things.traffic_light),
        Entry(2, 200, things.street_lamp),
        Entry(1, 200, things.container),
        Entry(1, 200, things.dog),
        Entry(5, 400, things.gap),
    ),
    "garden": (
        Entry(3, 400, things.bush),
        Entry(2, 700, things.tree),
        Entry(4, 500, things.gap),
    ),
}

CROSS_TRAFFIC = (
    Entry(1, 560, things.crossing("car", vehicles.car)),
    Entry(1, 1000, things.crossing("truck", vehicles.truck)),
    Entry(1, 1300, things.crossing("bus", vehicles.bus)),
    Entry(1, 2300, things.crossing("train", vehicles.tram)),
    Entry(1, 300, things.cyclist),
    Entry(1, 300, things.motorcyclist),
    Entry(1, 200, things.people),
)
