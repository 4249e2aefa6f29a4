"""Measures the same quantity of two models side by side, in one process."""

import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import torch
from mmengine.config import Config
from typer import Option

from data_manifests import loader
from data_manifests.errors import SegReproError
from data_manifests.schemas.evidence import Comparison
from data_manifests.schemas.suite import SuiteComparison
from mmseg_plugins.device import choose_device
from mmseg_plugins.network import build_network
from mmseg_plugins.profiling.conditions import ConditionsOf
from mmseg_plugins.profiling.inference import forward_pass, noise, synchronize
from mmseg_plugins.profiling.ratio import measure_ratio
from mmseg_plugins.profiling.structure import count_inference_parameters
from mmseg_plugins.profiling.timing import Effort
from mmseg_plugins.profiling.training_memory import count_training_memory
from mmseg_plugins.provenance import collect_provenance, config_sha256
from mmseg_plugins.quiet_libraries import quiet_libraries
from workflow.atomic_write import atomic_write
from workflow.command_line import run

CONFIGS = Path(__file__).resolve().parents[2] / "mmseg_plugins" / "configs"


def main(
    suite: Annotated[Path, Option(help="the suite file")],
    dataset: Annotated[str, Option(help="dataset of the reports that plan the comparison")],
    comparison: Annotated[str, Option(help="its id")],
    out: Annotated[Path, Option(help="evidence file to write")],
    device: Annotated[str | None, Option(help="cpu or cuda; by default cuda where there is one")] = None,
    seconds: Annotated[float, Option(help="limit for a latency")] = 120,
) -> None:
    """Measures the same quantity of two models side by side, in one process.

    Latency is that of float32 without compilation, at batch 1, and needs a machine that does nothing else meanwhile.
    """
    started = datetime.now(UTC)
    place = choose_device(device)
    torch.backends.cudnn.benchmark = True
    planned = _planned(suite, dataset, comparison)
    settings = tuple(Config.fromfile(CONFIGS / dataset / f"{model}.py") for model in planned.models)
    with quiet_libraries():
        measured = (
            _timed(settings, planned.size, place, seconds)
            if planned.quantity == "latency" and planned.size
            else _counted(settings, planned)
        )
    result = Comparison(
        **planned.model_dump(exclude={"claims"}),
        dataset=dataset,
        **measured,
        provenance=collect_provenance(
            config_sha256=config_sha256(settings[0]),
            checkpoint_sha256=None,
            dataset=None,
            device=place,
            started=started,
        ),
        baseline_config_sha256=config_sha256(settings[1]),
    )
    atomic_write(out, result.model_dump_json(indent=1) + "\n")


def _planned(suite: Path, dataset: str, name: str) -> SuiteComparison:
    reports = [report for report in loader.suite(suite).reports.values() if report.dataset == dataset]
    planned = [comparison for report in reports for comparison in report.comparisons]
    known = {comparison.id: comparison for comparison in planned if comparison.stage != "accuracy"}
    if name not in known:
        raise SegReproError(
            f"{suite}: reports: found no comparison {name!r} of costs on {dataset}; expected one of:"
            f" {', '.join(known) or 'none, as there are none'}"
        )
    return known[name]


def _timed(settings: tuple[Config, ...], size: tuple[int, int], place: torch.device, seconds: float) -> dict[str, Any]:
    conditions = ConditionsOf(place)
    image = noise(1, *size, place)
    calls = [
        functools.partial(forward_pass(build_network(config).to(place), "fp32", "eager"), image) for config in settings
    ]
    found = measure_ratio(*calls, functools.partial(synchronize, place), Effort(seconds=seconds))
    return {
        "values": found.medians_ms,
        "ratio": found.ratio,
        "interval": found.interval,
        "pairs": found.pairs,
        "converged": found.converged,
        "conditions": conditions.read(),
    }


def _counted(settings: tuple[Config, ...], planned: SuiteComparison) -> dict[str, Any]:
    model, baseline = (_count(config, planned) for config in settings)
    nothing = dict.fromkeys(("interval", "pairs", "converged", "conditions"))
    return {"values": (model, baseline), "ratio": baseline / model, **nothing}


def _count(config: Config, planned: SuiteComparison) -> int:
    if planned.size is None:
        return int(count_inference_parameters(build_network(config)))
    width, height = planned.size
    counted = count_training_memory(config, planned.batch, height, width)
    return int(counted.saved_activations if planned.quantity == "saved_activations" else sum(counted))


if __name__ == "__main__":
    run(main)
