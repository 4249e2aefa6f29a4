"""Measures the same quantity of two models side by side, in one process."""

import functools
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Comparison
from data_manifests.schemas.suite import SuiteComparison
from mmseg_plugins.profiling.conditions import ConditionsOf
from mmseg_plugins.profiling.failures import failure_of
from mmseg_plugins.runtime.device import choose_device
from mmseg_plugins.runtime.provenance import begin_provenance, config_sha256, end_provenance
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.errors import SegReproError
from segrepro.machine import network_runs
from workflow import options
from workflow.command_line import run

with quiet_libraries():
    from mmseg_plugins.networks.network import build_network
    from mmseg_plugins.profiling.inference import forward_pass, noise, synchronize
    from mmseg_plugins.profiling.ratio import block_length, measure_ratio
    from mmseg_plugins.profiling.structure import count_inference_parameters
    from mmseg_plugins.profiling.timing import Effort
    from mmseg_plugins.profiling.training_memory import count_training_memory, peak_training_bytes

CONFIGS = Path(__file__).resolve().parents[2] / "mmseg_plugins" / "configs"


def main(
    suite: options.Suite,
    dataset: options.Dataset,
    comparison: options.ComparisonId,
    out: options.EvidenceFile,
    device: options.Device = None,
    seconds: options.Seconds = 120,
) -> None:
    """Measures the same quantity of two models side by side, in one process.

    Latency is that of float32 without compilation, at batch 1, and needs a machine that does nothing else meanwhile.
    The rest is counted; of the memory of a training the peak is measured too, where there is a GPU.
    """
    chosen = choose_device(device)
    torch.backends.cudnn.benchmark = True
    planned = _planned(suite, dataset, comparison)
    settings = tuple(read_config(CONFIGS / dataset / f"{model}.py") for model in planned.models)
    if planned.quantity not in ("latency", "training_memory"):
        chosen = torch.device("cpu")
    provenance = begin_provenance(settings[0], chosen, baseline=settings[1])
    with quiet_libraries():
        if planned.quantity == "latency" and planned.size:
            with network_runs(alone=True):
                measured = _timed(settings, planned.size, chosen, seconds)
        else:
            measured = _counted(settings, planned)
        if planned.quantity == "training_memory" and planned.size and chosen.type == "cuda":
            measured |= _peaks(settings, planned.batch, planned.size, chosen)
    result = Comparison(
        **planned.model_dump(exclude={"claims"}),
        dataset=dataset,
        **measured,
        provenance=end_provenance(provenance),
        baseline_config_sha256=config_sha256(settings[1]),
    )
    evidence_file.write(out, result)


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


def _timed(settings: tuple[Config, ...], size: tuple[int, int], device: torch.device, seconds: float) -> dict[str, Any]:
    image = noise(1, *size, device)
    calls = [
        functools.partial(forward_pass(build_network(config).to(device), "fp32", "eager"), image) for config in settings
    ]
    wait = functools.partial(synchronize, device)
    for call in calls:
        call()
    wait()
    conditions = ConditionsOf(device)
    found = measure_ratio(calls[0], calls[1], wait, Effort(seconds=seconds))
    return {
        "values": found.medians_ms,
        "ratio": found.ratio,
        "interval": found.interval,
        "pairs": found.pairs,
        "block": block_length(found.pairs),
        "converged": found.converged,
        "conditions": conditions.read(),
    }


def _counted(settings: tuple[Config, ...], planned: SuiteComparison) -> dict[str, Any]:
    model, baseline = (_count(config, planned) for config in settings)
    nothing = dict.fromkeys(("interval", "pairs", "converged", "conditions"))
    return {"values": (model, baseline), "ratio": baseline / model, **nothing}


def _peaks(settings: tuple[Config, ...], batch: int, size: tuple[int, int], device: torch.device) -> dict[str, Any]:
    """One after the other, both with cuDNN as the model's recipe sets it."""
    torch.backends.cudnn.benchmark = settings[0].env_cfg.cudnn_benchmark
    width, height = size
    try:
        peaks = tuple(peak_training_bytes(config, batch, height, width, device) for config in settings)
    except RuntimeError as error:
        if (failure := failure_of(error)) is None:
            raise
        return {"failure": failure}
    return {"peaks": peaks, "conditions": ConditionsOf(device).read()}


def _count(config: Config, planned: SuiteComparison) -> int:
    if planned.size is None:
        return int(count_inference_parameters(build_network(config)))
    width, height = planned.size
    counted = count_training_memory(config, planned.batch, height, width)
    return int(counted.saved_activations if planned.quantity == "saved_activations" else sum(counted))


if __name__ == "__main__":
    run(main)
