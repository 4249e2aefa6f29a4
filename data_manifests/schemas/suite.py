"""`config/suite.yaml`, what counts as reproduced, and `config/reports/<report>.yaml`, which runs make up a page."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from .base import Identifier, Record

Route = Literal["official", "retrained", "untrained"]
Stage = Literal["structure", "accuracy", "training"]


class SuiteRun(Record):
    """model x dataset x route, for each seed. The dataset is that of the report."""

    model: Identifier
    route: Route = Field(description="where the weights come from; untrained is the floor: the network before step one")
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field(default=(0,), min_length=1)
    paper_scale: bool = Field(
        default=False, description="trains as long as the paper does: hours to days on a GPU, with the stage training"
    )

    @model_validator(mode="after")
    def _only_training_takes_long(self) -> "SuiteRun":
        if self.paper_scale and self.route != "retrained":
            raise ValueError("the route retrained where paper_scale is true: no other trains")
        return self


class Report(Record):
    """One page: `config/reports/<report>.yaml`."""

    title: str
    dataset: Identifier
    runs: tuple[SuiteRun, ...]


class Tolerance(Record):
    """Largest absolute difference to the claim, in the claim's own unit, for each verdict."""

    reproduced: Annotated[float, Field(ge=0)]
    close: Annotated[float, Field(ge=0)]


class Suite(Record):
    """The whole suite."""

    stages: tuple[Stage, ...] = Field(
        description="structure needs no data; accuracy needs the dataset; training adds to accuracy the runs at the"
        " papers' own scale and needs a GPU"
    )
    standard_protocol: Identifier
    tolerances: dict[str, Tolerance] = Field(description="by metric; `class_iou` serves every `class_iou.<class>`")
    reports: dict[Identifier, Report] = Field(default={}, description="never in this file: `config/reports/*.yaml`")
    mirror: str | None = Field(
        default=None, description="folder of `<dataset or checkpoint>/<file>`, tried before any URL"
    )
    keep_archives: bool = Field(
        default=True,
        description="whether archives stay in `data/downloads` once they are prepared, those that a person placed too",
    )

    @field_validator("stages", mode="before")
    @classmethod
    def _from_command_line(cls, value: Any) -> Any:
        """`snakemake --config stages=structure,accuracy` arrives as one string."""
        return value.split(",") if isinstance(value, str) else value

    @field_validator("stages")
    @classmethod
    def _trained_to_be_scored(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        if "training" in stages and "accuracy" not in stages:
            raise ValueError("accuracy beside training: what is trained is then scored")
        return stages

    def scores(self, run: SuiteRun) -> bool:
        """Whether the stages include a run's evaluation, and the training that it may take."""
        return "accuracy" in self.stages and (not run.paper_scale or "training" in self.stages)
