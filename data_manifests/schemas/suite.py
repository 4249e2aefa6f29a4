"""`config/suite.yaml`, what counts as reproduced, and `config/reports/<report>.yaml`, which runs make up a page."""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from .base import Identifier, Record, Seed

Route = Literal["official", "retrained", "untrained"]
Stage = Literal["structure", "accuracy", "efficiency", "training"]
Cost = Literal["latency", "parameters", "saved_activations", "training_memory"]
Quantity = Literal[Cost, "miou"]


class SuiteRun(Record):
    """model x dataset x route, for each seed. The dataset is that of the report."""

    model: Identifier
    route: Route = Field(
        description="where the weights come from; untrained: before the first training step, as a lower bound"
    )
    seeds: tuple[Seed, ...] = Field(default=(0,), min_length=1)
    paper_scale: bool = Field(
        default=False,
        description="full training by the paper's recipe: hours to days on a GPU, with the stage training",
    )
    caveat: str | None = Field(
        default=None,
        min_length=1,
        description="one sentence for readers of the page: why the scores cannot simply be compared with those of other"
        " runs; null if they can",
    )

    @model_validator(mode="after")
    def _only_training_takes_long(self) -> "SuiteRun":
        if self.paper_scale and self.route != "retrained":
            raise ValueError("the route retrained where paper_scale is true, because no other route trains")
        return self


class SuiteComparison(Record):
    """Two models of the report's dataset side by side.

    What the baseline costs, divided by what the model costs; or the model's mIoU minus the baseline's.
    """

    id: Identifier
    quantity: Quantity = Field(
        description="miou is the difference on the same images, with the stage accuracy; latency is timed with the"
        " stage efficiency; the others are counted with the stage structure. training_memory: weights, gradients,"
        " optimiser's state and saved activations of one step, and on a GPU the peak of its memory as well"
    )
    models: tuple[Identifier, Identifier] = Field(description="the model, and the baseline that it is compared with")
    size: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]] | None = Field(
        default=None, description="width and height of the input; parameters and miou have none"
    )
    batch: Annotated[int, Field(gt=0, description="images; latency is that of one")] = 1
    claims: tuple[str, ...] = Field(
        default=(),
        description="claims that it answers although the paper does not say which of its models they are about",
    )

    @model_validator(mode="after")
    def _conditions_of_the_quantity(self) -> "SuiteComparison":
        if (self.size is None) != (self.quantity in ("parameters", "miou")):
            raise ValueError("the field size for every quantity but parameters and miou")
        if self.quantity not in ("saved_activations", "training_memory") and self.batch != 1:
            raise ValueError("the field batch for saved_activations and training_memory only")
        return self

    @property
    def stage(self) -> Stage:
        """The stage that makes it."""
        match self.quantity:
            case "latency":
                return "efficiency"
            case "miou":
                return "accuracy"
            case _:
                return "structure"


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

    @model_validator(mode="after")
    def _scores_of_runs(self) -> "Report":
        for comparison in self.comparisons:
            for model in comparison.models if comparison.quantity == "miou" else ():
                if (found := len(self._trained(model))) != 1:
                    raise ValueError(
                        f"one official or retrained run of {model}, which the comparison {comparison.id} scores, not"
                        f" {found or 'none'}"
                    )
        return self

    @cached_property
    def caveats(self) -> dict[tuple[str, str], str | None]:
        """Why the scores of a run cannot simply be compared with those of others, by model and route."""
        return {(run.model, run.route): run.caveat for run in self.runs}

    def scored_runs(self, comparison: SuiteComparison) -> tuple[SuiteRun, SuiteRun]:
        """The runs of model and baseline whose first seeds a comparison of mIoU scores."""
        model, baseline = comparison.models
        return self._trained(model)[0], self._trained(baseline)[0]

    def _trained(self, model: str) -> list[SuiteRun]:
        return [run for run in self.runs if run.model == model and run.route != "untrained"]


class Tolerances(Record):
    """How far apart claim and measurement may lie, by how the claim was checked; docs/method.md has the reasons."""

    same_device: Annotated[float, Field(ge=0)] = Field(
        description="percentage points, of the same weights on the same images on the paper's device"
    )
    other_device: Annotated[float, Field(ge=0)] = Field(description="percentage points, as above on another device")
    seeds: Annotated[int, Field(ge=2)] = Field(description="fewest seeds by which a training is judged")
    half_width: Annotated[float, Field(gt=0)] = Field(
        description="percentage points: the widest half of a prediction interval that can say reproduced"
    )
    effect: Annotated[float, Field(ge=0, lt=1)] = Field(
        description="share of a claimed difference between two networks by which the measured one may be off"
    )
    speed: Annotated[float, Field(ge=0, lt=1)] = Field(
        description="share by which two machines of one kind differ in speed"
    )


class Suite(Record):
    """The whole suite."""

    stages: tuple[Stage, ...] = Field(
        description="structure needs no data; accuracy needs the dataset; efficiency measures time and needs a machine"
        " without other load; training adds the runs with full training to accuracy and needs a GPU"
    )
    standard_protocol: Identifier
    tolerances: Tolerances
    reports: dict[Identifier, Report] = Field(default={}, description="never in this file: `config/reports/*.yaml`")
    mirror: str | None = Field(
        default=None, description="folder of `<dataset or checkpoint>/<file>`, tried before any URL"
    )
    keep_archives: bool = Field(
        default=True,
        description="whether archives stay in `data/downloads` after preparation, including those placed by hand",
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
            raise ValueError("accuracy together with training, because trained networks are then scored")
        return stages

    def comparisons(self, report: Report) -> tuple[SuiteComparison, ...]:
        """Those of a report's comparisons that the stages include."""
        return tuple(
            comparison
            for comparison in report.comparisons
            if comparison.stage in self.stages
            and (comparison.quantity != "miou" or all(map(self.scores, report.scored_runs(comparison))))
        )

    def scores(self, run: SuiteRun) -> bool:
        """Whether the stages include a run's evaluation, and the training that it may take."""
        return "accuracy" in self.stages and (not run.paper_scale or "training" in self.stages)
