"""`data_manifests/label_sets/<label_set>.yaml`: the classes that a dataset is scored on."""

from typing import Annotated

from pydantic import Field, model_validator

from .base import Identifier, Record, Rgb

OwnersColors = Annotated[
    tuple[Rgb, ...],
    Field(description="colors of the class in the owner's label maps, where these are color images"),
]


class SegmentationClass(Record):
    """One evaluated class; its position in the list is its train id."""

    name: str = Field(description="the owner's name, spaces kept")
    color: Rgb
    owners_colors: OwnersColors = ()
    category: str | None = Field(
        default=None, description="category of the category-level scores, if the owner has them"
    )
    instances: bool = Field(default=False, description="whether instance ids are kept for it (iIoU)")


class Void(Record):
    """Pixels that the standard protocol does not score."""

    label: Annotated[int, Field(ge=0, le=255)] = Field(description="value in the prepared label maps")
    color: Rgb
    owners_colors: OwnersColors = ()


class LabelSet(Record):
    """Classes in the order of their train ids, and void."""

    id: Identifier
    source: str = Field(description="who defines the set")
    classes: tuple[SegmentationClass, ...] = Field(min_length=2)
    void: Void

    @model_validator(mode="after")
    def _consistent(self) -> "LabelSet":
        names = [c.name for c in self.classes]
        if len(set(names)) != len(names):
            raise ValueError(f"class names are not unique: {names}")
        if self.void.label < len(names):
            raise ValueError(f"void label {self.void.label} is also the train id of class {names[self.void.label]!r}")
        colors = [color for c in self.classes for color in c.owners_colors] + [*self.void.owners_colors]
        if repeated := sorted({color for color in colors if colors.count(color) > 1}):
            raise ValueError(f"owners_colors are not of one class each: {repeated}")
        with_category = sum(c.category is not None for c in self.classes)
        if with_category not in (0, len(names)):
            raise ValueError("either every class has a category or none has")
        return self
