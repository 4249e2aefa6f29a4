"""`config/suite.yaml`: which runs make up which report, and what counts as reproduced."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from .base import Identifier, Record

Route = Literal["official", "retrained", "untrained"]
Stage = Literal["structure", "accuracy"]


class SuiteRun(Record):
    """model x dataset x route, for each seed. The dataset is that of the report."""

    model: Identifier
    route: Route = Field(description="where the weights come from; untrained is the floor: the network before step one")
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field(default=(0,), min_length=1)


class Report(Record):
    """One page: under `reports` in the suite file, or `config/reports/<report>.yaml`."""

    title: str
    dataset: Identifier
    runs: tuple[SuiteRun, ...]


class Tolerance(Record):
    """Largest absolute difference to the claim, in the claim's own unit, for each verdict."""

    reproduced: Annotated[float, Field(ge=0)]
    close: Annotated[float, Field(ge=0)]


class Suite(Record):
    """The whole suite."""

    stages: tuple[Stage, ...] = Field(description="structure needs no data; accuracy needs the dataset")
    standard_protocol: Identifier
    tolerances: dict[str, Tolerance] = Field(description="by metric; `class_iou` serves every `class_iou.<class>`")
    reports: dict[Identifier, Report]
    mirror: str | None = Field(
        default=None, description="folder of `<dataset or checkpoint>/<file>`, tried before any URL"
    )

    @field_validator("stages", mode="before")
    @classmethod
    def _from_command_line(cls, value: Any) -> Any:
        """`snakemake --config stages=structure,accuracy` arrives as one string."""
        return value.split(",") if isinstance(value, str) else value
