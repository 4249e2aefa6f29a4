"""One number that a paper reports, with everything a reader needs to judge it."""

import re
from typing import Literal

from pydantic import Field

from .base import Identifier, Record

Bound = Literal["exact", "approx", "more_than", "less_than", "at_most", "range"]
Role = Literal["proposed", "ablation", "baseline", "comparison"]
MeasuredBy = Literal["authors", "quoted", "unclear"]
Tier = Literal["seed", "readme", "repo_image", "repo_code", "stored_page", "tracker"]
ProtocolValue = bool | int | float | str | tuple[int | float | str, ...]


class Source(Record):
    """The place where a fact is printed."""

    document: str
    location: str = Field(description="section, table or figure")
    line: int | tuple[int, ...] | None = Field(default=None, description="1-based; null for images and stored pages")
    url: str | None = None
    repo: str | None = None
    branch: str | None = None
    path: str | None = Field(default=None, description="path inside the repository")


class Claim(Record):
    """One number with all its fields; the manifests of papers store them in a compact form, `paper.Group`."""

    id: str
    paper: Identifier = Field(description="file in `data_manifests/papers`")
    model: str = Field(description="name as the paper prints it")
    variant: Identifier | None = Field(description="the suite's model that the printed name means, where known")
    candidates: tuple[Identifier, ...] = Field(
        default=(),
        description="without `variant`: the suite's models one of which the name means; no source says which",
    )
    variant_why: str | None = Field(
        default=None,
        description="why that model or these, where the sources do not describe the paper's model completely; without"
        " either, what they leave open",
    )
    variant_fitted: bool = Field(
        default=False, description="whether that model was chosen because it gives the claimed number"
    )
    backbone: str | None = None
    dataset: str
    split: str = Field(description="as the paper prints it")
    split_read_as: Identifier | None = Field(
        default=None,
        description="the split of the suite's manifest that the printed name means, where the names differ",
    )
    other_split: Identifier | None = Field(
        default=None, description="another split of the manifest that the number may be of"
    )
    other_split_why: str | None = Field(default=None, description="why; null where there is no `other_split`")
    metric: str = Field(description="miou, class_iou.<class>, fps, params_m, <quantity>_vs:<model>, ...")
    baseline: Identifier | None = Field(
        default=None, description="the suite's model that the <model> of <quantity>_vs:<model> means, where known"
    )
    baseline_why: str | None = Field(default=None, description="why that model; null where there is no `baseline`")
    baseline_fitted: bool = Field(
        default=False, description="whether the baseline was chosen because it gives the claimed number"
    )
    value: float = Field(description="in `unit`; the lower end of a range")
    value_max: float | None = Field(default=None, description="the upper end where the source gives a range")
    as_printed: str | tuple[str, ...] = Field(description="the token or tokens as the source prints them")
    unit: str = Field(description="percent is on the scale 0 to 100; pp are percentage points")
    bound: Bound = "exact"
    derivation: str | None = Field(default=None, description="arithmetic over the printed tokens that gives the value")
    protocol: dict[str, ProtocolValue] | None = Field(description="what the source says about how it was measured")
    scoring: Identifier | None = Field(description="file in `data_manifests/protocols` that scores as the source did")
    scoring_why: str | None = Field(
        default=None, description="why that protocol, where the source states less than it fixes"
    )
    hardware: str | None = None
    own: bool = Field(description="the paper's own model, ablation or baseline")
    role: Role = Field(description="all but comparison were trained by the paper's authors")
    citation: str | None = Field(default=None, description="the reference that the paper cites for it")
    measured_by: MeasuredBy
    tier: Tier = Field(description="kind of document that it was read from")
    source: Source
    restated: tuple[Source, ...] = Field(default=(), description="other places that give the same value")
    related: tuple[str, ...] = Field(default=(), description="ids of other claims about the same thing")
    repeats: str | None = Field(
        default=None, description="id of the claim that this one says again, in another place; the two count as one"
    )
    ambiguity: str | None = Field(default=None, description="what the source leaves unclear")

    @property
    def suite_split(self) -> str:
        """The split of the suite's manifest; the printed name if no split of the manifest is known for it."""
        return self.split_read_as or self.split

    @property
    def image_size(self) -> tuple[int, int] | None:
        """The size that the source states, in its order: width first or height first, which few papers say."""
        size = re.search(r"(\d+)x(\d+)", str((self.protocol or {}).get("image_size")))
        return (int(size[1]), int(size[2])) if size else None
