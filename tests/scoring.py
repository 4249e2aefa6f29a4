"""Label sets and scoring rules that are no dataset's, for tests of scores and intervals."""

from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.protocol import Protocol


def protocol(**rules: str) -> Protocol:
    standard = {"void": "ignored", "average": "dataset", "absent": "skipped"}
    return Protocol(
        id="made_up", title="t", description="d", source="s", basis=dict.fromkeys(standard, "ours"), **standard | rules
    )


PROTOCOLS = [
    protocol(void=void, average=average, absent=absent)
    for void in ("ignored", "class")
    for average in ("dataset", "image")
    for absent in ("skipped", "zero")
]


def label_set(classes: int, categories: int = 0) -> LabelSet:
    return LabelSet(
        id="made-up",
        source="s",
        classes=[
            {"name": f"Class {c}", "color": (c, c, c), "category": f"category {c % categories}" if categories else None}
            for c in range(classes)
        ],
        void={"label": 255, "color": (0, 0, 0)},
    )
