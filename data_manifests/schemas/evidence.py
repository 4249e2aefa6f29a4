"""Evidence: the JSON files that a run leaves behind, measurements with their provenance."""

from array import array
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer, model_validator
from pydantic.dataclasses import dataclass

from .base import STRICT, FileName, Identifier, Record, Seed, Sha256
from .protocol import SINGLE_SCALE
from .suite import Cost, Route

RunRoute = Route | Literal["test_server"]
Curve = Annotated[
    Sequence[float],
    BeforeValidator(list),
    AfterValidator(partial(array, "d")),
    PlainSerializer(list, return_type=list[float]),
]
"""One number an iteration, in eight bytes: a page of many long trainings holds them all."""


class Run(Record):
    """What was run."""

    model: Identifier
    dataset: Identifier
    route: RunRoute = Field(description="test_server: run here, and scored by the server of the dataset's owner")
    seed: Seed


class Hardware(Record):
    """The machine, without anything that identifies its owner."""

    device: Literal["cpu", "cuda"]
    name: str = Field(description="processor or accelerator model")
    cpu_cores: Annotated[int, Field(gt=0)]
    memory_gib: Annotated[float, Field(gt=0, description="main memory, or the accelerator's own")]


class Provenance(Record):
    """Everything needed to repeat a measurement; no host name, user name or absolute path."""

    commit: str | None = Field(pattern=r"^[0-9a-f]{40}$", description="git commit; null outside a git checkout")
    dirty: bool | None = Field(description="whether there was more than the commit: changes, or files not ignored")
    config_sha256: Sha256
    config_files_sha256: Sha256 | None = Field(
        default=None, description="of what the config's files say, without comments and layout; null in older files"
    )
    code_sha256: Sha256 | None = Field(
        default=None,
        description="of the code that computed, without comments, docstrings and layout; null in older files",
    )
    data_sha256: Sha256 | None = Field(
        default=None,
        description="of the images and label maps of the dataset, as their verification says; null where none was read,"
        " and in older files",
    )
    checkpoint_sha256: Sha256 | None = Field(description="null where no weights were read")
    dataset_manifest_sha256: Sha256 | None = Field(description="null where no dataset was read")
    packages: dict[str, str] = Field(description="distribution name to version")
    gpu_software: dict[str, str] = Field(
        default={}, description="versions of the GPU's driver, CUDA and cuDNN; empty on a CPU, and in older files"
    )
    hardware: Hardware
    started: AwareDatetime
    duration_s: Annotated[float, Field(ge=0)]


class Evidence(Record):
    """Fields of every evidence file."""

    schema_version: Literal[1] = 1
    run: Run
    provenance: Provenance


Rank = Literal["best", "median", "worst"]


class Sample(Record):
    """Three pictures of one image for the page, as PNG files in the folder `samples` next to the evidence."""

    name: str
    image: FileName
    truth: FileName
    prediction: FileName
    rank: Rank | None = Field(
        default=None, description="of the image's mean IoU among all images of the split; null in older files"
    )
    iou: Annotated[float, Field(ge=0, le=100)] | None = Field(
        default=None,
        description="percent, mean over the classes that the image shows or that are predicted in it; null in older"
        " files",
    )


def pictures_of(samples: Iterable[Sample], folder: Path) -> list[Path]:
    """The files of all pictures of samples in a folder."""
    return [folder / name for sample in samples for name in (sample.image, sample.truth, sample.prediction)]


class Prediction(Evidence):
    """`prediction.json`: the prediction of one split; the pixel counts are in `confusion.npz` next to it."""

    kind: Literal["prediction"] = "prediction"
    split: str
    images: Annotated[int, Field(gt=0)]
    classes: tuple[str, ...]
    void_predicted: bool = Field(description="whether the network has an output for void")
    instances: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="number of instances counted; null where the dataset keeps none"
    )
    inference: tuple[Identifier, ...] = Field(
        default=(SINGLE_SCALE,),
        description="inference rules that it holds counts for: single_scale, and protocols that have an inference rule "
        "of their own",
    )
    confusion_sha256: Sha256
    samples: tuple[Sample, ...]
    pictures_sha256: Sha256 | None = Field(
        default=None, description="of the sha256 of these pictures, one after the other; null in older files"
    )


@dataclass(kw_only=True, frozen=True, slots=True, config=STRICT)
class Score:
    """One number under one protocol."""

    protocol: Identifier
    metric: str = Field(
        description="as in the claims: miou, iiou, class_avg_accuracy, class_iou.<class>, class_iiou.<class>, ..."
    )
    value: Annotated[float, Field(ge=0, le=100)] | None = Field(description="percent; null where undefined")
    interval: tuple[float, float] | None = Field(
        description="95 % bootstrap interval over images, percent; null where undefined or for a single image"
    )


class Resampled(Record):
    """What the bootstrap drew, where it drew no single images: blocks of frames within their sequences."""

    sequences: Annotated[int, Field(gt=0)]
    block: Annotated[int, Field(gt=1)] = Field(description="frames in a row")


class Evaluation(Prediction):
    """`evaluation.json`: the prediction's provenance and its scores under every protocol."""

    kind: Literal["evaluation"] = "evaluation"  # type: ignore[assignment]
    resampled: Resampled | None = Field(default=None, description="null: images one by one")
    scores: tuple[Score, ...]
    scoring_sha256: Sha256 | None = Field(
        default=None, description="of the protocols, classes, sampling and code that scored; null in older files"
    )


class Switch(Record):
    """One choice of a protocol made differently, and the resulting mIoU."""

    kind: Literal["scoring", "input", "inference"] = Field(
        description="scoring: another scoring rule on the same predictions; input: another input to the network; "
        "inference: prediction at several scales"
    )
    choice: str = Field(description="the choice, such as: void")
    setting: str = Field(description="the changed setting, such as: not counted")
    miou: Annotated[float, Field(ge=0, le=100)] = Field(description="percent")


class Sensitivity(Evidence):
    """`sensitivity.json`: a claim's mIoU under its authors' protocol, and with one choice changed at a time."""

    kind: Literal["sensitivity"] = "sensitivity"
    split: str
    images: Annotated[int, Field(gt=0)]
    claim: str = Field(description="id of the claim")
    protocol: Identifier = Field(description="the claim's own; each switch changes one choice of it")
    miou: Annotated[float, Field(ge=0, le=100)] = Field(description="under the protocol, percent")
    switches: tuple[Switch, ...]


class Selection(Record):
    """Which weights of a training were handed on: those of the best validation."""

    metrics: tuple[str, ...] = Field(
        min_length=1, description="whose mean is the score, as MMSegmentation calls them: mIoU, aAcc (pixel accuracy)"
    )
    iterations: tuple[Annotated[int, Field(gt=0)], ...] = Field(min_length=1, description="of each validation")
    scores: tuple[Annotated[float, Field(ge=0, le=100)], ...] = Field(description="of each validation, percent")
    chosen: Annotated[int, Field(gt=0)] = Field(description="iteration of the best; of equal ones, of the first")
    epoch: Annotated[int, Field(gt=0)] = Field(description="which validation that was, of one an epoch, from 1")

    @model_validator(mode="after")
    def _the_best_is_chosen(self) -> "Selection":
        if len(self.iterations) != len(self.scores):
            raise ValueError(f"{len(self.iterations)} validations but {len(self.scores)} scores")
        first = self.scores.index(max(self.scores))
        if (self.iterations[first], first + 1) != (self.chosen, self.epoch):
            raise ValueError(f"the first of the best validations, {first + 1}, at iteration {self.iterations[first]}")
        return self


class Training(Evidence):
    """`training.json`: how the weights of the route `retrained` were trained."""

    kind: Literal["training"] = "training"
    processes: Annotated[int, Field(gt=0, description="that shared each batch, one GPU each; 1 in older files")] = 1
    compiled: bool = Field(default=False, description="whether `torch.compile` compiled the network's passes")
    iterations: Annotated[int, Field(gt=0)]
    pretrained_sha256: Sha256 | None = Field(
        default=None, description="of the weights of the earlier stage that it started from; null if there was none"
    )
    loss: Curve = Field(description="training loss at iterations 1, 2, ...")
    learning_rate: Curve = Field(description="at iterations 1, 2, ...")
    selection: Selection | None = Field(
        default=None, description="null where the last iteration's weights were handed on, and in older files"
    )
    weights_sha256: Sha256 = Field(description="of the file `weights.pth` next to it")

    @model_validator(mode="after")
    def _one_value_an_iteration(self) -> "Training":
        if not len(self.loss) == len(self.learning_rate) == self.iterations:
            raise ValueError(
                f"{self.iterations} iterations but {len(self.loss)} losses, {len(self.learning_rate)} learning rates"
            )
        return self


class Origin(Record):
    """`weights.json`: what the weights of the routes `official` and `untrained` were made from."""

    schema_version: Literal[1] = 1
    config_files_sha256: Sha256
    code_sha256: Sha256
    source_sha256: Sha256 | None = Field(description="of the authors' file; null for an untrained network")
    weights_sha256: Sha256 = Field(description="of the file `weights.pth` next to it")


class Complexity(Record):
    """Multiply-accumulates of convolutions, transposed convolutions and linear layers at one input size, batch 1."""

    height: Annotated[int, Field(gt=0)]
    width: Annotated[int, Field(gt=0)]
    macs: Annotated[int, Field(gt=0)]


class Profile(Evidence):
    """`profile.json`: the network's size and work, exact and the same on every machine."""

    kind: Literal["profile"] = "profile"
    parameters: Annotated[int, Field(gt=0)]
    inference_parameters: Annotated[int, Field(gt=0)] | None = Field(
        default=None, description="those that the prediction depends on; null in older files"
    )
    complexity: tuple[Complexity, ...]
    training: "TrainingMemory | None" = Field(
        default=None, description="of the recipe's step, counted from tensor shapes; null in older files"
    )


class ServerAnswer(Record):
    """`reports/server/<dataset>/<name>.yaml`: scores of a test server for a submission, entered by hand."""

    kind: Literal["test_server"] = "test_server"
    model: Identifier
    dataset: Identifier
    weights: Route = Field(description="where the weights of the submission came from")
    seed: Seed = 0
    split: str
    protocol: Identifier | None = Field(
        default=None, description="protocol whose inference rule was used; null for a single scale"
    )
    server: str = Field(pattern=r"^https?://", description="address of the server, or of its page about the submission")
    submitted: date
    submitted_by: str = Field(description="who submitted it and entered the scores")
    submission_sha256: Sha256 = Field(description="of the submitted archive, as submit.py prints it")
    scores: dict[str, Annotated[float, Field(ge=0, le=100)]] = Field(
        min_length=1,
        description="percent by metric, named as in the claims: miou, category_miou, class_iou.<class>, ...",
    )

    @property
    def run(self) -> Run:
        """The run that the scores belong to."""
        return Run(model=self.model, dataset=self.dataset, route="test_server", seed=self.seed)


class Latency(Record):
    """Milliseconds of one image from the input tensor to logits at its size, batch 1."""

    median_ms: Annotated[float, Field(gt=0)]
    interval_ms: tuple[float, float] | None = Field(
        description="distribution-free 95 % interval of the median; null with too few calls for one"
    )
    iqr_ms: Annotated[float, Field(ge=0, description="upper minus lower quartile of the calls")]
    p95_ms: Annotated[float, Field(gt=0, description="95 % of the calls take no longer")]
    calls: Annotated[int, Field(gt=0)]
    converged: bool = Field(description="whether the interval is narrower than 2 % of the median")


class Throughput(Record):
    """Images a second at the batch size beyond which twice as many images bring less than 5 %."""

    batch: Annotated[int, Field(gt=0)]
    images_per_s: Annotated[float, Field(gt=0)]
    interval: tuple[float, float] | None = Field(
        default=None, description="of the median batch's, 95 %; null with too few calls for one, and in older files"
    )
    converged: bool | None = Field(
        default=None, description="whether the interval is narrower than 2 % of it; null in older files"
    )
    ended_by: str | None = Field(
        default=None,
        description="why no larger batch was timed; null if the throughput stopped growing, and on a CPU in modes other"
        " than eager, where one image is all that is timed",
    )


class Inference(Record):
    """One network at one input size, in one precision and mode."""

    height: Annotated[int, Field(gt=0)]
    width: Annotated[int, Field(gt=0)]
    precision: Literal["fp32", "amp"] = Field(description="amp: autocast to float16 on CUDA, to bfloat16 on a CPU")
    mode: Literal["eager", "compiled", "contiguous"] = Field(
        description="compiled: by torch.compile with its defaults; contiguous: as eager, with tensors in PyTorch's"
        " default layout; the others use channels-last"
    )
    floor_ms: Annotated[float, Field(gt=0)] | None = Field(
        default=None,
        description="what the multiply-accumulates and bytes of one image take at the machine's peaks; null in older"
        " files",
    )
    latency: Latency | None
    throughput: Throughput | None
    peak_bytes: Annotated[int, Field(gt=0)] | None = Field(
        description="maximum of CUDA's allocator at batch 1, including the weights; null on a CPU"
    )
    failure: str | None = Field(description="why there are no measurements; null if there are")

    @model_validator(mode="after")
    def _measured_or_failed(self) -> "Inference":
        if (self.latency is None) != (self.throughput is None) or (self.latency is None) != (self.failure is not None):
            raise ValueError("either latency and throughput, or a failure")
        return self


class Peaks(Record):
    """What one machine can do at most, measured in the same process."""

    fp32_macs_per_s: Annotated[float, Field(gt=0, description="multiply-accumulates of a large matrix product")]
    amp_macs_per_s: Annotated[float, Field(gt=0, description="the same in autocast's type: float16 or bfloat16")]
    bytes_per_s: Annotated[float, Field(gt=0, description="read and written by a copy that no cache holds")]


class TrainingMemory(Record):
    """Bytes of one training step with the recipe's batch, in float32. All but `peak` are the same on every machine."""

    batch: Annotated[int, Field(gt=0)]
    height: Annotated[int, Field(gt=0)]
    width: Annotated[int, Field(gt=0)]
    saved_activations: Annotated[int, Field(gt=0, description="what the forward pass keeps for the backward pass")]
    weights: Annotated[int, Field(gt=0, description="parameters and buffers")]
    gradients: Annotated[int, Field(gt=0)]
    optimizer_state: Annotated[int, Field(ge=0)]
    peak: Annotated[int, Field(gt=0)] | None = Field(
        description="maximum of CUDA's allocator in the second step; null on a CPU, and when out of memory"
    )
    cudnn_benchmark: bool | None = Field(
        default=None,
        description="whether cuDNN tried several algorithms before the peak was read, as in the recipe; null on a CPU",
    )
    failure: str | None = Field(default=None, description="why a GPU has no peak; null if it has one")

    @property
    def counted(self) -> int:
        """All that is counted: weights, gradients, the optimiser's state and saved activations, in bytes."""
        return self.weights + self.gradients + self.optimizer_state + self.saved_activations


class Conditions(Record):
    """Other conditions that affect the speed of a machine; null where they cannot be read."""

    threads: Annotated[int, Field(gt=0, description="of PyTorch within one operation")]
    tf32: bool | None = Field(
        description="whether CUDA may compute float32 convolutions and matrix products in TensorFloat-32"
    )
    cudnn_benchmark: bool | None = Field(description="whether cuDNN tries several algorithms and uses the fastest")
    cpu_governor: str | None
    clock_mhz: tuple[float, float] | None = Field(
        description="of the device, after warm-up and after the last measurement"
    )
    temperature_c: tuple[float, float] | None = Field(
        description="of the device, after warm-up and after the last measurement"
    )


class Efficiency(Evidence):
    """`efficiency.json`: how fast a network is on one machine, and how much memory it takes."""

    kind: Literal["efficiency"] = "efficiency"
    conditions: Conditions
    peaks: Peaks | None = Field(default=None, description="null in older files")
    inference: Annotated[tuple[Inference, ...], Field(min_length=1)]
    training: TrainingMemory


class Comparison(Record):
    """`comparisons/<id>.json`: the same quantity of two models, measured side by side in one process."""

    schema_version: Literal[1] = 1
    kind: Literal["comparison"] = "comparison"
    id: Identifier
    dataset: Identifier
    quantity: Cost
    models: tuple[Identifier, Identifier] = Field(description="the model, and the baseline that it is compared with")
    size: tuple[int, int] | None = Field(description="width and height of the input; null for parameters")
    batch: Annotated[int, Field(gt=0)]
    values: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = Field(
        description="of model and baseline: median milliseconds, number of parameters, or counted bytes"
    )
    ratio: Annotated[float, Field(gt=0, description="the baseline's value, divided by the model's")]
    interval: tuple[float, float] | None = Field(
        description="95 % bootstrap interval of the ratio over pairs of calls; null where both values are counted"
    )
    pairs: Annotated[int, Field(gt=0)] | None = Field(description="of calls, one of each model; null where counted")
    block: Annotated[int, Field(gt=0)] | None = Field(
        default=None,
        description="number of consecutive pairs that the bootstrap resamples together; null where counted, and in"
        " older files, which resampled single pairs",
    )
    converged: bool | None = Field(
        description="whether the interval is narrower than 2 % of the ratio; null where counted"
    )
    peaks: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]] | None = Field(
        default=None,
        description="of model and baseline: maximum of CUDA's allocator in the second training step, in bytes;"
        " null for other quantities, on a CPU, and when out of memory",
    )
    failure: str | None = Field(default=None, description="why a GPU has no peaks; null if it has them")
    conditions: Conditions | None = Field(
        description="of latencies and peaks; null for counted numbers, which are the same on every machine"
    )
    provenance: Provenance = Field(description="the config is the model's")
    baseline_config_sha256: Sha256

    @model_validator(mode="after")
    def _timed_or_counted(self) -> "Comparison":
        if {field is not None for field in (self.interval, self.pairs, self.converged)} != {self.quantity == "latency"}:
            raise ValueError("interval, pairs and converged for latency, and for no other quantity")
        if self.peaks is not None and self.quantity != "training_memory":
            raise ValueError("peaks for training_memory only")
        if (self.conditions is None) != (self.quantity != "latency" and self.peaks is None):
            raise ValueError("conditions for latency and peaks, and for no counted quantity")
        return self


class Difference(Record):
    """`comparisons/<id>.json`: how much higher a model scores than a baseline on the same images."""

    schema_version: Literal[1] = 1
    kind: Literal["difference"] = "difference"
    id: Identifier
    runs: tuple[Run, Run] = Field(description="of the model, and of the baseline that it is compared with")
    split: str
    images: Annotated[int, Field(gt=0)]
    metric: Literal["miou"] = "miou"
    protocol: Identifier
    value: Annotated[float, Field(ge=-100, le=100)] | None = Field(
        description="model minus baseline, percentage points; null where one of the two is undefined"
    )
    interval: tuple[float, float] | None = Field(
        description="95 % bootstrap interval, images resampled in pairs; null where undefined or for a single image"
    )
    resampled: Resampled | None = Field(default=None, description="null: images one by one")
    confusion_sha256: tuple[Sha256, Sha256] = Field(description="of the counts of model and baseline")
    scoring_sha256: Sha256 | None = Field(
        default=None, description="of the protocols, classes, sampling and code that scored; null in older files"
    )
    provenance: Provenance = Field(description="of the model's prediction")
    baseline_provenance: Provenance = Field(description="of the baseline's prediction")

    @model_validator(mode="after")
    def _on_one_dataset(self) -> "Difference":
        if len({run.dataset for run in self.runs}) > 1:
            raise ValueError("two runs on one dataset")
        return self

    @property
    def dataset(self) -> str:
        """The dataset of both runs."""
        return self.runs[0].dataset

    @property
    def models(self) -> tuple[str, str]:
        """The model, and the baseline."""
        return self.runs[0].model, self.runs[1].model
