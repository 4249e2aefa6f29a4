"""`data_manifests/protocols/<protocol>.yaml`: how predictions become a number."""

from typing import Literal

from pydantic import Field

from .base import Identifier, Record


class Protocol(Record):
    """Scoring rules as data. Each is arithmetic on per-image confusion arrays."""

    id: Identifier
    title: str
    description: str = Field(description="what a reader must know to understand a difference")
    source: str = Field(description="paper section, code file or standard that it follows")
    void: Literal["ignored", "class"] = Field(
        description="ignored: pixels whose truth is void are not counted; class: void is one more row and column of "
        "the confusion matrix, left out of every mean over classes. A labelled pixel predicted as void is wrong in both"
    )
    average: Literal["dataset", "image"] = Field(
        description="dataset: one matrix summed over all images; image: mean of the values of the single images"
    )
    absent: Literal["skipped", "zero"] = Field(
        description="a class whose score is 0/0 (no such pixel, or for the accuracy no such true pixel) is left out "
        "of the mean, or counts as 0"
    )
