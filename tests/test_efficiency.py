"""Speed and memory as the programs measure them: what is measured, what fails alone, and what stops."""

import functools
import math
import shutil
from pathlib import Path
from types import SimpleNamespace

import pynvml
import pytest
import torch
from mmengine.config import Config
from torch import Tensor, nn

from data_manifests import loader
from data_manifests.errors import SegReproError
from data_manifests.schemas.evidence import Comparison, Efficiency, Latency
from mmseg_plugins.network import build_network
from mmseg_plugins.profiling import conditions, inference
from mmseg_plugins.profiling.conditions import ConditionsOf
from mmseg_plugins.profiling.inference import profile_inference
from mmseg_plugins.profiling.structure import count_inference_parameters
from mmseg_plugins.profiling.timing import Effort
from mmseg_plugins.profiling.training_memory import count_training_memory
from mmseg_plugins.provenance import config_sha256
from workflow.scripts import compare, measure_efficiency

ROOT = Path(__file__).resolve().parents[1]
SMALL, LARGE = (ROOT / f"mmseg_plugins/configs/synthcity/{name}.py" for name in ("espnet_p2q3", "espnet_p2q8"))
CPU, GPU = torch.device("cpu"), torch.device("cuda")
AT_ONCE = Effort(warmup=1, seconds=0)
FULL = torch.cuda.OutOfMemoryError("CUDA out of memory")


class Network(nn.Module):
    """One convolution, with the method that predicts."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 4, 3, padding=1)

    def encode_decode(self, images, metainfo):
        assert len(metainfo) == len(images)
        return self.layer(images)


def compiled_by(monkeypatch, backend):
    """PyTorch's own backend writes C++ for tens of seconds; what decides when it compiles is the real thing."""
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend=backend))


def taking(*milliseconds: float):
    """A timer that calls once and then says so many milliseconds, the last again and again."""
    said = iter([*milliseconds])
    last = milliseconds[-1]

    def measure(call, synchronize, effort) -> Latency:
        call()
        median = next(said, last)
        return Latency(median_ms=median, interval_ms=None, iqr_ms=0, p95_ms=median, calls=1, converged=False)

    return measure


def test_every_precision_and_mode_is_measured_and_the_recipes_step_counted(tmp_path, monkeypatch):
    compiled_by(monkeypatch, "eager")
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)  # the program leaves its own setting behind
    happened, counts = [], []

    class Watched(ConditionsOf):
        def read(self):
            happened.append("conditions read")
            return super().read()

    def measured(*args):
        happened.append(f"measured, cuDNN's benchmark {torch.backends.cudnn.benchmark}")
        return profile_inference(*args)

    def counted(*args):
        happened.append("counted")
        counts.append(count_training_memory(*args))
        return counts[0]

    def peak(*args):
        happened.append(f"peak, cuDNN's benchmark {torch.backends.cudnn.benchmark}")

    monkeypatch.setattr(inference, "_largest_batch", lambda *args: 1)
    monkeypatch.setattr(measure_efficiency, "ConditionsOf", Watched)
    monkeypatch.setattr(measure_efficiency, "profile_inference", measured)
    monkeypatch.setattr(measure_efficiency, "count_training_memory", counted)
    monkeypatch.setattr(measure_efficiency, "peak_training_bytes", peak)
    out = tmp_path / "efficiency.json"
    measure_efficiency.main(SMALL, "synthcity", "espnet_p2q3", "retrained", out, device="cpu", seconds=0)
    found = loader.read(out, Efficiency)
    assert [(one.precision, one.mode, one.width, one.height) for one in found.inference] == [
        ("fp32", "eager", 512, 256), ("fp32", "compiled", 512, 256), ("amp", "eager", 512, 256),
        ("amp", "compiled", 512, 256),
    ]  # fmt: skip
    assert all(one.latency.calls == 1 and one.throughput.images_per_s > 0 for one in found.inference)
    settings = Config.fromfile(SMALL)
    assert (found.training.batch, found.training.height, found.training.width) == (2, 256, 256)
    assert found.training.model_dump(include=set(counts[0]._fields)) == counts[0]._asdict()
    assert found.training.peak is None
    assert found.provenance.config_sha256 == config_sha256(settings)
    assert found.provenance.hardware.device == "cpu"
    assert happened == ["measured, cuDNN's benchmark True"] * 4 + [
        "conditions read", "counted", "peak, cuDNN's benchmark False",
    ], "the device's state while it infers, and the memory of a training as the recipe sets it"  # fmt: skip


def test_compiled_numbers_are_those_of_compiled_code_at_every_batch(monkeypatch):
    passes = []

    def backend(graph, example_inputs):
        def run(*args):
            passes.append(len(args))
            return graph.forward(*args)

        return run

    compiled_by(monkeypatch, backend)
    monkeypatch.setattr(inference, "measure_latency", taking(1))
    monkeypatch.setattr(inference, "_largest_batch", lambda *args: 1024)
    monkeypatch.setattr(inference, "RECOMPILE_LIMIT", 16)  # enough for one precision; each begins anew
    network = Network()
    for precision in ("fp32", "amp"):
        found = profile_inference(network, 8, 8, precision, "compiled", AT_ONCE)
        assert (found.failure, found.throughput.batch) == (None, 1024)
    assert len(passes) == 2 * (1 + 11), "the latency, and batches of 1, 2, 4 to 1024"


def test_what_needs_too_many_compilations_is_a_failure(monkeypatch):
    compiled_by(monkeypatch, "eager")
    monkeypatch.setattr(inference, "measure_latency", taking(1))
    monkeypatch.setattr(inference, "RECOMPILE_LIMIT", 2)
    found = profile_inference(Network(), 8, 8, "fp32", "compiled", AT_ONCE)
    assert found.failure == "torch.compile failed: more than 2 compilations"
    assert found.latency is found.throughput is None


def test_a_network_that_cannot_be_compiled_is_a_failure(monkeypatch):
    def backend(graph, example_inputs):
        raise FileNotFoundError("no C++ compiler")

    compiled_by(monkeypatch, backend)
    found = profile_inference(Network(), 8, 8, "fp32", "compiled", AT_ONCE)
    assert found.failure == "torch.compile failed: FileNotFoundError"
    assert profile_inference(Network(), 8, 8, "fp32", "eager", AT_ONCE).failure is None


@pytest.mark.slow
def test_a_network_is_compiled_by_pytorchs_own_backend():
    found = profile_inference(Network(), 8, 8, "fp32", "compiled", AT_ONCE)
    assert found.failure is None
    assert found.throughput.images_per_s > 0


@pytest.mark.parametrize("mode", ["eager", "compiled"])
def test_an_image_that_does_not_fit_is_a_failure_of_that_measurement_alone(monkeypatch, mode):
    compiled_by(monkeypatch, "eager")
    network = Network()

    def full(call, synchronize, effort):
        raise FULL

    with monkeypatch.context() as patched:
        patched.setattr(inference, "measure_latency", full)
        found = profile_inference(network, 8, 8, "fp32", mode, AT_ONCE)
    assert (found.failure, found.latency, found.throughput) == ("out of memory at batch 1", None, None)
    assert profile_inference(network, 8, 8, "fp32", mode, AT_ONCE).failure is None


def best_throughput(forward, largest=64):
    found = inference._best_throughput(forward, 8, 8, CPU, AT_ONCE, largest)
    return found.batch, found.images_per_s


def test_the_best_batch_is_the_last_before_the_memory_ends(monkeypatch):
    monkeypatch.setattr(inference, "measure_latency", taking(10))
    seen = []

    def forward(images: Tensor) -> Tensor:
        seen.append(len(images))
        if len(images) == 4:
            raise FULL
        return images

    assert best_throughput(forward) == (2, 200)
    assert seen == [1, 2, 4]


def test_the_best_batch_is_the_one_after_which_twice_as_many_bring_nothing(monkeypatch):
    monkeypatch.setattr(inference, "measure_latency", taking(10, 10, 19, 39))
    assert best_throughput(lambda images: images) == (4, pytest.approx(4000 / 19)), "210 a second beside 200 at batch 2"
    monkeypatch.setattr(inference, "measure_latency", taking(10, 21))
    assert best_throughput(lambda images: images) == (1, 100)


def test_batches_end_where_the_main_memory_would(monkeypatch):
    monkeypatch.setattr(inference, "measure_latency", taking(10))
    assert best_throughput(lambda images: images, largest=7.9) == (4, 400)
    assert best_throughput(lambda images: images, largest=0.1) == (1, 100), "one image in any case"


def test_half_of_the_main_memory_is_for_the_maps_of_a_batch(monkeypatch):
    monkeypatch.setattr(inference, "hardware", lambda device: SimpleNamespace(memory_gib=1.0))
    image, logits = 4 * 3 * 64 * 32, 4 * 4 * 64 * 32
    assert inference._largest_batch(Network(), 64, 32, "fp32") == 0.5 * 2**30 / (image + logits)
    on_gpu = SimpleNamespace(parameters=lambda: iter([SimpleNamespace(device=GPU)]))
    assert inference._largest_batch(on_gpu, 64, 32, "fp32") == math.inf


def refused(error):
    def answer(device):
        raise error

    return answer


@pytest.mark.parametrize(
    "error",
    [
        pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED),
        RuntimeError("device 0 is not visible (CUDA_VISIBLE_DEVICES=[])"),
        ModuleNotFoundError("amdsmi does not seem to be installed"),
    ],
    ids=["not supported", "slice of a GPU", "no package"],
)
def test_what_a_gpu_does_not_tell_is_empty_and_the_rest_is_there(monkeypatch, error):
    clocks = iter([1980, 1755])
    monkeypatch.setattr(torch.cuda, "clock_rate", lambda device: next(clocks))
    monkeypatch.setattr(torch.cuda, "temperature", refused(error))
    found = ConditionsOf(GPU).read()
    assert (found.clock_mhz, found.temperature_c) == ((1980, 1755), None)
    assert found.tf32 is not None and found.cudnn_benchmark is not None


def test_other_errors_of_a_gpu_are_not_hidden(monkeypatch):
    monkeypatch.setattr(torch.cuda, "clock_rate", refused(TypeError("a mistake")))
    with pytest.raises(TypeError):
        ConditionsOf(GPU)


def test_pytorch_finds_the_package_through_which_it_asks_a_gpu():
    assert torch.cuda._HAS_PYNVML


def test_what_linux_does_not_tell_is_empty_and_the_rest_is_there(tmp_path, monkeypatch):
    (tmp_path / "clock").write_text("2450000\n")
    monkeypatch.setattr(conditions, "FREQUENCY", tmp_path / "clock")
    monkeypatch.setattr(conditions, "TEMPERATURE", tmp_path)  # reading it is an error, as of a sensor that is off
    monkeypatch.setattr(conditions, "GOVERNOR", tmp_path / "none")
    found = ConditionsOf(CPU).read()
    assert (found.clock_mhz, found.temperature_c, found.cpu_governor) == ((2450, 2450), None, None)
    assert found.tf32 is None


@pytest.fixture
def suite(tmp_path):
    """A suite file with two members of ESPNet side by side."""
    (tmp_path / "reports").mkdir()
    shutil.copy(ROOT / "config/suite.yaml", tmp_path)
    (tmp_path / "reports/streets.yaml").write_text(
        "title: streets\ndataset: synthcity\nruns:\n"
        "  - {model: espnet_p2q3, route: retrained}\n  - {model: espnet_p2q8, route: retrained}\ncomparisons:\n"
        "  - {id: latency, quantity: latency, models: [espnet_p2q3, espnet_p2q8], size: [64, 32]}\n"
        "  - {id: size, quantity: parameters, models: [espnet_p2q3, espnet_p2q8]}\n"
        "  - {id: kept, quantity: saved_activations, models: [espnet_p2q3, espnet_p2q8], size: [64, 32], batch: 2}\n"
        "  - {id: needed, quantity: training_memory, models: [espnet_p2q3, espnet_p2q8], size: [64, 32], batch: 2}\n"
        "  - {id: better, quantity: miou, models: [espnet_p2q3, espnet_p2q8]}\n"
    )
    return tmp_path / "suite.yaml"


def compared(suite: Path, name: str) -> Comparison:
    out = suite.with_name("comparison.json")
    compare.main(suite, "synthcity", name, out, device="cpu", seconds=0)
    return loader.read(out, Comparison)


def test_two_latencies_are_measured_in_pairs(suite, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    found = compared(suite, "latency")
    assert (found.models, found.size, found.pairs) == (("espnet_p2q3", "espnet_p2q8"), (64, 32), 10)
    assert found.ratio == pytest.approx(found.values[1] / found.values[0])
    assert found.interval[0] <= found.ratio <= found.interval[1]
    assert found.conditions.threads == torch.get_num_threads()
    hashes = (found.provenance.config_sha256, found.baseline_config_sha256)
    assert hashes == (config_sha256(Config.fromfile(SMALL)), config_sha256(Config.fromfile(LARGE)))


def test_two_counts_are_those_of_the_networks(suite, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    settings = [Config.fromfile(file) for file in (SMALL, LARGE)]
    memory = [count_training_memory(config, 2, 32, 64) for config in settings]
    expected = {
        "size": [count_inference_parameters(build_network(config)) for config in settings],
        "kept": [counted.saved_activations for counted in memory],
        "needed": [sum(counted) for counted in memory],
    }
    for name, values in expected.items():
        found = compared(suite, name)
        assert found.values == tuple(values)
        assert found.ratio == values[1] / values[0]
        assert found.interval is found.pairs is found.converged is found.conditions is None


@pytest.mark.parametrize(("dataset", "name"), [("synthcity", "speed"), ("synthcity", "better"), ("camvid", "latency")])
def test_a_comparison_that_no_report_plans_is_refused(suite, tmp_path, monkeypatch, dataset, name):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    with pytest.raises(SegReproError, match=f"reports: found no comparison '{name}' of costs on {dataset}") as error:
        compare.main(suite, dataset, name, tmp_path / "out.json", device="cpu")
    assert ("latency, size, kept, needed" if dataset == "synthcity" else "there are none") in str(error.value)
    assert not (tmp_path / "out.json").exists()
