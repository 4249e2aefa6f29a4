"""`config/suite.yaml`, what counts as reproduced, and `config/reports/<report>.yaml`, which runs make up a page."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from .base import Identifier, Record

Route = Literal["official", "retrained", "untrained"]
Stage = Literal["structure", "accuracy", "efficiency", "training"]
Quantity = Literal["latency", "parameters", "saved_activations", "training_memory"]


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


class SuiteComparison(Record):
    """Two models of the report's dataset side by side: what the baseline costs, divided by what the model costs."""

    id: Identifier
    quantity: Quantity = Field(
        description="latency is timed with the stage efficiency; the others are counted with the stage structure."
        " training_memory: weights, gradients, optimiser's state and saved activations of one step"
    )
    models: tuple[Identifier, Identifier] = Field(description="the model, and the baseline that it is compared with")
    size: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]] | None = Field(
        default=None, description="width and height of the input; parameters have none"
    )
    batch: Annotated[int, Field(gt=0, description="images; latency is that of one")] = 1
    claims: tuple[str, ...] = Field(
        default=(), description="claims that it answers though the paper leaves open which of its models they mean"
    )

    @model_validator(mode="after")
    def _conditions_of_the_quantity(self) -> "SuiteComparison":
        if (self.size is None) != (self.quantity == "parameters"):
            raise ValueError("the field size for every quantity but parameters")
        if self.quantity in ("latency", "parameters") and self.batch != 1:
            raise ValueError("the field batch for saved_activations and training_memory only")
        return self

    @property
    def stage(self) -> Stage:
        """The stage that makes it."""
        return "efficiency" if self.quantity == "latency" else "structure"


class Report(Record):
    """One page: `config/reports/<report>.yaml`."""

    title: str
    dataset: Identifier
    runs: tuple[SuiteRun, ...]
    comparisons: tuple[SuiteComparison, ...] = ()

    @field_validator("comparisons")
    @classmethod
    def _ids_of_their_own(cls, comparisons: tuple[SuiteComparison, ...]) -> tuple[SuiteComparison, ...]:
        ids = [comparison.id for comparison in comparisons]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"an id of its own for each comparison, not {twice[0]} twice")
        return comparisons


class Tolerance(Record):
    """Largest difference to the claim for each verdict, in the claim's own unit or as a share of the claim."""

    reproduced: Annotated[float, Field(ge=0)]
    close: Annotated[float, Field(ge=0)]
    relative: bool = Field(default=False, description="whether the differences are shares of the claimed value")


class Suite(Record):
    """The whole suite."""

    stages: tuple[Stage, ...] = Field(
        description="structure needs no data; accuracy needs the dataset; efficiency times and needs a quiet machine;"
        " training adds to accuracy the runs at the papers' own scale and needs a GPU"
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

    def comparisons(self, report: Report) -> tuple[SuiteComparison, ...]:
        """Those of a report's comparisons that the stages include."""
        return tuple(comparison for comparison in report.comparisons if comparison.stage in self.stages)

    def scores(self, run: SuiteRun) -> bool:
        """Whether the stages include a run's evaluation, and the training that it may take."""
        return "accuracy" in self.stages and (not run.paper_scale or "training" in self.stages)
