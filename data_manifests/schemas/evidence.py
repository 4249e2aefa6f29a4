"""Evidence: the JSON files that a run leaves behind, measurements with their provenance."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from .base import FileName, Identifier, Record, Sha256
from .suite import Route

RunRoute = Route | Literal["test_server"]


class Run(Record):
    """What was run."""

    model: Identifier
    dataset: Identifier
    route: RunRoute = Field(description="test_server: run here, and scored by the server of the dataset's owner")
    seed: Annotated[int, Field(ge=0)]


class Hardware(Record):
    """The machine, in words that identify no one."""

    device: Literal["cpu", "cuda"]
    name: str = Field(description="processor or accelerator model")
    cpu_cores: Annotated[int, Field(gt=0)]
    memory_gib: Annotated[float, Field(gt=0, description="main memory, or the accelerator's own")]


class Provenance(Record):
    """Everything needed to do it again; no host name, user name or absolute path."""

    commit: str | None = Field(pattern=r"^[0-9a-f]{40}$", description="git commit; null outside a git checkout")
    dirty: bool | None = Field(description="whether there was more than the commit: changes, or files not ignored")
    config_sha256: Sha256
    checkpoint_sha256: Sha256 | None = Field(description="null where no weights were read")
    dataset_manifest_sha256: Sha256 | None = Field(description="null where no dataset was read")
    packages: dict[str, str] = Field(description="distribution name to version")
    hardware: Hardware
    started: AwareDatetime
    duration_s: Annotated[float, Field(ge=0)]


class Evidence(Record):
    """What every evidence file holds."""

    schema_version: Literal[1] = 1
    run: Run
    provenance: Provenance


class Sample(Record):
    """One picture triple for the page, as PNG files in the folder `samples` beside the evidence."""

    name: str
    image: FileName
    truth: FileName
    prediction: FileName


class Prediction(Evidence):
    """`prediction.json`: one pass of a network over a split; the counts are in `confusion.npz` beside it."""

    kind: Literal["prediction"] = "prediction"
    split: str
    images: Annotated[int, Field(gt=0)]
    classes: tuple[str, ...]
    void_predicted: bool = Field(description="whether the network has an output for void")
    instances: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="number of instances counted; null where the dataset keeps none"
    )
    confusion_sha256: Sha256
    samples: tuple[Sample, ...]


class Score(Record):
    """One number under one protocol."""

    protocol: Identifier
    metric: str = Field(
        description="as in the claims: miou, iiou, class_avg_accuracy, class_iou.<class>, class_iiou.<class>, ..."
    )
    value: Annotated[float, Field(ge=0, le=100)] | None = Field(description="percent; null where undefined")
    interval: tuple[float, float] | None = Field(
        description="95 % bootstrap interval over images, percent; null where undefined or for a single image"
    )


class Evaluation(Prediction):
    """`evaluation.json`: the prediction's provenance and its scores under every protocol."""

    kind: Literal["evaluation"] = "evaluation"  # type: ignore[assignment]
    scores: tuple[Score, ...]


class Training(Evidence):
    """`training.json`: how the weights of the route `retrained` came about."""

    kind: Literal["training"] = "training"
    iterations: Annotated[int, Field(gt=0)]
    pretrained_sha256: Sha256 | None = Field(
        default=None, description="of the earlier stage's weights that it started from; null where there were none"
    )
    loss: tuple[float, ...] = Field(description="training loss at iterations 1, 2, ...")
    learning_rate: tuple[float, ...] = Field(description="at iterations 1, 2, ...")
    weights_sha256: Sha256 = Field(description="of the file `weights.pth` beside it")

    @model_validator(mode="after")
    def _one_value_an_iteration(self) -> "Training":
        if not len(self.loss) == len(self.learning_rate) == self.iterations:
            raise ValueError(
                f"{self.iterations} iterations but {len(self.loss)} losses, {len(self.learning_rate)} learning rates"
            )
        return self


class Complexity(Record):
    """Multiply-accumulates of convolutions, transposed convolutions and linear layers at one input size, batch 1."""

    height: Annotated[int, Field(gt=0)]
    width: Annotated[int, Field(gt=0)]
    macs: Annotated[int, Field(gt=0)]


class Profile(Evidence):
    """`profile.json`: what the network costs."""

    kind: Literal["profile"] = "profile"
    parameters: Annotated[int, Field(gt=0)]
    complexity: tuple[Complexity, ...]


class ServerAnswer(Record):
    """`reports/server/<dataset>/<name>.yaml`: what an owner's server answered to a submission, entered by a person."""

    kind: Literal["test_server"] = "test_server"
    model: Identifier
    dataset: Identifier
    weights: Route = Field(description="where the weights of the submission came from")
    seed: Annotated[int, Field(ge=0)] = 0
    split: str
    server: str = Field(pattern=r"^https?://", description="address of the server, or of its page about the submission")
    submitted: date
    submitted_by: str = Field(description="who handed it in and entered the answer")
    submission_sha256: Sha256 = Field(description="of the archive that was handed in, as submit.py prints it")
    scores: dict[str, Annotated[float, Field(ge=0, le=100)]] = Field(
        min_length=1,
        description="percent by metric, named as in the claims: miou, category_miou, class_iou.<class>, ...",
    )

    @property
    def run(self) -> Run:
        """The run that the scores belong to."""
        return Run(model=self.model, dataset=self.dataset, route="test_server", seed=self.seed)
