"""What the suite counted of its networks, from evidence: the same on every machine."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from data_manifests.schemas.arithmetic import Quantity
from data_manifests.schemas.evidence import Comparison, Profile
from segrepro.errors import SegReproError

from .evidence import Record, record_of

Counts = Mapping[tuple[str, Quantity], Decimal]
"""By `<dataset>/<model>` and quantity; memory in bytes."""
BYTES: tuple[Quantity, ...] = ("saved_activations", "training_memory")


def counts(records: Iterable[Record]) -> Counts:
    """Collects the counts of evidence.

    Args:
        records: of any kind; profiles and comparisons of counted quantities hold some. Those of training
            memory are of a step with the batch and the input size of the file.

    Returns:
        The counts; memory only from `profile.json`, whose batch and size are the recipe's. Of several, which differ by
        kilobytes from one version of PyTorch to another, the largest.

    Raises:
        SegReproError: two files give different numbers of parameters for the same network.
    """
    found: dict[tuple[str, Quantity], Decimal] = {}
    for record in records:
        for network, quantity, number in _counted(record):
            counted = Decimal(number)
            earlier = found.setdefault((network, quantity), counted)
            if quantity in BYTES:
                found[network, quantity] = max(earlier, counted)
            elif earlier != counted:
                raise SegReproError(
                    f"evidence of {network}: {quantity}: found {earlier} and {counted}; expected one"
                    " number, as counts depend on the network alone. Count again and remove the outdated file"
                )
    return found


def read_counts(folder: Path) -> Counts:
    """The counts in a folder of committed evidence, `reports/measurements`."""
    return counts(record_of(path) for path in sorted(folder.rglob("*.json")))


def _counted(record: Record) -> Iterator[tuple[str, Quantity, float]]:
    match record:
        case Profile():
            network = f"{record.run.dataset}/{record.run.model}"
            yield network, "parameters", record.parameters
            if record.inference_parameters is not None:
                yield network, "inference_parameters", record.inference_parameters
            if (step := record.training) is not None:
                yield network, "saved_activations", step.saved_activations
                yield network, "training_memory", step.counted
        case Comparison(quantity="parameters"):
            # What a comparison counts is what the prediction depends on.
            for model, number in zip(record.models, record.values, strict=True):
                yield f"{record.dataset}/{model}", "inference_parameters", number
