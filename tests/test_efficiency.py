"""Speed and memory as the programs measure them: what is measured, what fails alone, and what stops."""

import functools
import math
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import evidence_factory as make
import pynvml
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.config import Config
from simulated_gpu import GPU, simulate
from torch import Tensor, nn

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Comparison, Efficiency, Latency, Run
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.profiling import conditions, inference, main_memory, measured_efficiency
from mmseg_plugins.profiling.conditions import ConditionsOf
from mmseg_plugins.profiling.inference import profile_inference
from mmseg_plugins.profiling.structure import count_inference_parameters
from mmseg_plugins.profiling.timing import Effort
from mmseg_plugins.profiling.training_memory import CountedBytes, count_training_memory
from mmseg_plugins.runtime.provenance import config_sha256
from segrepro.errors import SegReproError
from workflow import outdated
from workflow.scripts import compare, measure_all, measure_efficiency

ROOT = Path(__file__).resolve().parents[1]
SMALL, LARGE = (ROOT / f"mmseg_plugins/configs/synthcity/{name}.py" for name in ("espnet_p2q3", "espnet_p2q8"))
CPU = torch.device("cpu")
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


@pytest.mark.slow
def test_every_precision_and_mode_is_measured_and_the_recipes_step_counted(tmp_path, monkeypatch):
    compiled_by(monkeypatch, "eager")
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)  # the program leaves its own setting behind
    happened, counts = [], []

    class Watched(ConditionsOf):
        def __init__(self, device):
            happened.append("conditions noted")
            super().__init__(device)

        def read(self):
            happened.append("conditions read")
            return super().read()

    def warmed(*args):
        happened.append("warmed up")

    def measured(*args):
        happened.append(f"measured, cuDNN's benchmark {torch.backends.cudnn.benchmark}")
        return profile_inference(*args)

    def counted(*args):
        happened.append("counted")
        counts.append(count_training_memory(*args))
        return counts[0]

    monkeypatch.setattr(inference, "_largest_batch", lambda *args: 1)
    monkeypatch.setattr(measured_efficiency, "_warm_up", warmed)
    monkeypatch.setattr(measured_efficiency, "ConditionsOf", Watched)
    monkeypatch.setattr(measured_efficiency, "profile_inference", measured)
    monkeypatch.setattr(measured_efficiency, "count_training_memory", counted)
    out = tmp_path / "efficiency.json"
    measure_efficiency.main(SMALL, "synthcity", "espnet_p2q3", "retrained", out, device="cpu", seconds=0)
    found = evidence_file.read(out, Efficiency)
    assert [(one.precision, one.mode, one.width, one.height) for one in found.inference] == [
        ("fp32", "eager", 512, 256),
        ("fp32", "compiled", 512, 256),
        ("amp", "eager", 512, 256),
        ("fp32", "eager", 1024, 512),
        ("fp32", "compiled", 1024, 512),
        ("fp32", "contiguous", 1024, 512),
        ("amp", "eager", 1024, 512),
        ("amp", "compiled", 1024, 512),
    ]
    assert found.peaks.fp32_macs_per_s > 0 and len({one.floor_ms for one in found.inference}) == 4
    assert all(one.latency.calls == 1 and one.throughput.images_per_s > 0 for one in found.inference)
    settings = Config.fromfile(SMALL)
    assert (found.training.batch, found.training.height, found.training.width) == (2, 256, 256)
    assert found.training.model_dump(include=set(counts[0]._fields)) == counts[0]._asdict()
    assert found.training.peak is found.training.cudnn_benchmark is found.training.failure is None
    assert found.provenance.config_sha256 == config_sha256(settings)
    assert (found.provenance.hardware.device, found.provenance.gpu_software) == ("cpu", {})
    measured_each = ["measured, cuDNN's benchmark True"] * 8
    assert happened == ["warmed up", "conditions noted", *measured_each, "conditions read", "counted"], (
        "the state of a device at work while it infers"
    )


@pytest.mark.parametrize(
    ("model", "dataset", "sizes"),
    [
        ("espnet_p2q8", "camvid", [(480, 360), (1024, 512)]),
        ("espnet_p2q8", "cityscapes", [(1024, 512)]),
        ("ladder_densenet121_2017", "cityscapes", [(1024, 448), (1024, 512)]),
        ("shelfnet18_lw", "cityscapes", [(2048, 1024), (1536, 768), (1920, 1280), (1024, 512)]),
        ("shelfnet50", "voc2012", [(512, 512), (1024, 512)]),
        ("ladder_resnet50_2017", "voc2012", [(500, 500), (1024, 512)]),
        ("fcn2s_dilated_vgg16", "voc2012", [(1024, 512)]),
    ],
)
def test_sizes_are_those_of_the_test_and_the_claims_and_one_that_all_share(model, dataset, sizes):
    settings = Config.fromfile(ROOT / f"mmseg_plugins/configs/{dataset}/{model}.py")
    assert measured_efficiency.sizes(settings, loader.dataset(dataset).image_size, model) == sizes


def test_all_networks_share_the_time_and_the_same_command_goes_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    pages = {"synthcity": [Run(model=name, dataset="synthcity", route="retrained", seed=0) for name in ("a", "b", "c")]}
    monkeypatch.setattr(measure_all.loader, "suite", lambda path: SimpleNamespace(reports=pages))
    monkeypatch.setattr(measure_all.plan, "profiled_runs", lambda page: page)
    monkeypatch.setattr(measure_all.plan, "RUN", f"{tmp_path}/{{model}}")
    monkeypatch.setattr(measure_all, "read_config", lambda path: path.stem)
    monkeypatch.setattr(measure_all, "sizes", lambda settings, image_size, model: [(1024, 512)] * 2)
    held = {Path("results/synthcity/a/retrained/seed0")}
    monkeypatch.setattr(
        outdated.Results, "cost", lambda self, run, kind: None if run.folder in held else "no such file"
    )
    clock = iter([0.0, 0.0, 900.0, 900.0, 900.0, 1000.0, 1001.0])
    monkeypatch.setattr(measure_all, "monotonic", lambda: next(clock))
    given = []

    def measured(settings, run, device, seconds):
        given.append((settings, run.model, seconds))
        return make.efficiency(run.model_dump())

    monkeypatch.setattr(measure_all, "measured_efficiency", measured)
    measure_all.main(minutes=20, device="cpu")
    assert given == [("b", "b", 0.5 * 1200 / 2 / 10), ("c", "c", 0.5 * 300 / 1 / 10)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "c"]
    held.add(Path("results/synthcity/b/retrained/seed0"))
    given.clear()
    measure_all.main(minutes=1, device="cpu")
    assert given == [("c", "c", measure_all.SHORTEST)], "0.5 * 60 / 1 / 10 would be too short to say anything"
    given.clear()
    measure_all.main(minutes=0.01, device="cpu")
    assert not given and "The time is up; networks that are left: 1." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("outcome", "peak", "failure"),
    [(12345, 12345, None), (FULL, None, "out of memory"), (RuntimeError("cuDNN: ALLOC_FAILED"), None, "out of memory")],
)
def test_the_peak_of_a_training_is_measured_as_the_recipe_sets_cudnn(monkeypatch, outcome, peak, failure):
    seen = []

    def measured(config, batch, height, width, device):
        seen.append((batch, height, width, device, torch.backends.cudnn.benchmark))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    monkeypatch.setattr(measured_efficiency, "peak_training_bytes", measured)
    found = measured_efficiency._training_memory(Config.fromfile(SMALL), (512, 256), GPU)
    assert seen == [(2, 256, 256, GPU, False)]
    assert (found.peak, found.cudnn_benchmark, found.failure) == (peak, False, failure)


def test_a_device_is_warmed_by_the_network_itself(monkeypatch):
    network, seen = Network(), []
    monkeypatch.setattr(network, "encode_decode", lambda images, metainfo: seen.append(tuple(images.shape)))
    measured_efficiency._warm_up(network, CPU)
    assert len(seen) > 5 and set(seen) == {(1, 3, 512, 512)}


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
    assert len(passes) == 2 * (1 + 10), "the latency, and batches of 2, 4 to 1024"


def test_what_needs_too_many_compilations_ends_the_search_for_the_best_batch(monkeypatch):
    compiled_by(monkeypatch, "eager")
    monkeypatch.setattr(inference, "measure_latency", taking(1))
    monkeypatch.setattr(inference, "RECOMPILE_LIMIT", 2)
    found = profile_inference(Network(), 8, 8, "fp32", "compiled", AT_ONCE)
    assert (found.failure, found.latency.median_ms, found.throughput.batch) == (None, 1, 2)
    assert found.throughput.ended_by == "torch.compile failed: too many compilations at batch 4"


def test_a_network_that_cannot_be_compiled_is_a_failure(monkeypatch):
    def backend(graph, example_inputs):
        raise FileNotFoundError("no C++ compiler")

    compiled_by(monkeypatch, backend)
    found = profile_inference(Network(), 8, 8, "fp32", "compiled", AT_ONCE)
    assert found.failure == "torch.compile failed: FileNotFoundError at batch 1"
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


IMAGES = functools.partial(inference.noise, width=8, height=8, device=CPU)


def at_once():
    """Waits for nothing."""


def best_throughput(forward, in_memory=64, largest=math.inf):
    of_one = inference.measure_latency(lambda: forward(torch.empty(1, 3, 8, 8)), lambda: None, AT_ONCE)
    return inference._best_throughput(forward, IMAGES, at_once, AT_ONCE, in_memory, largest, of_one)


ENDS = [
    (FULL, "out of memory"),
    (torch.AcceleratorError("CUDA error: out of memory"), "out of memory"),
    (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), "out of memory"),
    (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), "out of memory"),
    (
        torch._dynamo.exc.BackendCompilerFailed(len, ValueError("no such kernel"), None),
        "torch.compile failed: ValueError",
    ),
]


@pytest.mark.parametrize(("error", "words"), ENDS)
def test_the_best_batch_is_the_last_before_the_machine_fails(monkeypatch, error, words):
    monkeypatch.setattr(inference, "measure_latency", taking(10))
    seen = []

    def forward(images: Tensor) -> Tensor:
        seen.append(len(images))
        if len(images) == 4:
            raise error
        return images

    found = best_throughput(forward)
    assert (found.batch, found.images_per_s, found.ended_by) == (2, 200, f"{words} at batch 4")
    assert seen == [1, 2, 4]


def test_the_peak_of_a_forward_pass_is_that_of_one_call(monkeypatch):
    asked = simulate(monkeypatch, held=lambda: 4096)
    assert inference._peak_bytes(lambda: asked.append("call"), GPU) == 4096
    assert asked == ["reset_peak_memory_stats", "call", "synchronize", "max_memory_allocated"]
    assert inference._peak_bytes(lambda: asked.append("call"), CPU) is None
    assert len(asked) == 4


def test_a_failure_at_a_larger_batch_leaves_what_was_measured_before(monkeypatch):
    def encode_decode(images, metainfo):
        if len(images) == 2:
            raise RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED")
        return images

    network = Network()
    monkeypatch.setattr(network, "encode_decode", encode_decode)
    monkeypatch.setattr(inference, "_peak_bytes", lambda call, device: 7)
    found = profile_inference(network, 8, 8, "fp32", "eager", AT_ONCE)
    assert (found.failure, found.peak_bytes, found.latency.calls, found.throughput.batch) == (None, 7, 1, 1)


def test_a_mistake_is_not_taken_for_a_failure_of_the_machine(monkeypatch):
    for size in (1, 2):

        def encode_decode(images, metainfo, size=size):
            if len(images) == size:
                raise RuntimeError("The size of tensor a (3) must match the size of tensor b (4)")
            return images

        network = Network()
        monkeypatch.setattr(network, "encode_decode", encode_decode)
        with pytest.raises(RuntimeError, match="must match"):
            profile_inference(network, 8, 8, "fp32", "eager", AT_ONCE)


def batch_and_speed(*milliseconds, **limit):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inference, "measure_latency", taking(*milliseconds))
        found = best_throughput(lambda images: images, **limit)
    return found.batch, found.images_per_s


def test_the_best_batch_is_the_one_after_which_twice_as_many_bring_nothing():
    assert batch_and_speed(10, 10, 19.1, 39) == (2, 200), "209 a second at batch 4"
    assert batch_and_speed(10, 10, 19, 39) == (4, pytest.approx(4000 / 19)), "210 a second"
    assert batch_and_speed(10, 21) == (1, 100)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.lists(st.floats(1, 100), min_size=1, max_size=6))
def test_the_best_batch_is_never_slower_than_one_image_at_a_time(milliseconds):
    assert batch_and_speed(*milliseconds)[1] >= 1000 / milliseconds[0]


def test_the_best_batch_keeps_how_sure_its_speed_is(monkeypatch):
    said = [
        Latency(median_ms=10, interval_ms=(9, 12), iqr_ms=0, p95_ms=10, calls=9, converged=True),
        Latency(median_ms=10, interval_ms=(8, 16), iqr_ms=0, p95_ms=10, calls=9, converged=False),
        Latency(median_ms=40, interval_ms=None, iqr_ms=0, p95_ms=40, calls=1, converged=False),
    ]
    monkeypatch.setattr(inference, "measure_latency", lambda *args: said.pop(0))
    found = best_throughput(lambda images: images)
    assert (found.batch, found.interval, found.converged, found.ended_by) == (2, (125, 250), False, None)


def test_batches_end_where_the_main_memory_would():
    assert batch_and_speed(10, in_memory=7.9) == (4, 400)
    assert batch_and_speed(10, in_memory=0.1) == (1, 100), "one image in any case"
    assert best_throughput(lambda images: images, in_memory=1).ended_by == "half of the main memory at batch 2"


def test_no_larger_batch_is_tried_than_is_asked_for():
    assert batch_and_speed(10, largest=4) == (4, 400)
    assert batch_and_speed(10, largest=1) == (1, 100)
    assert best_throughput(lambda images: images, largest=1).ended_by is None


@pytest.mark.parametrize(("device", "elsewhere", "compiled"), [(CPU, 3, 1), (GPU, 5, math.inf)])
def test_on_a_cpu_not_every_size_and_batch_is_compiled(device, elsewhere, compiled):
    assert len(measured_efficiency.ways((1024, 512), device)) == 5
    assert len(measured_efficiency.ways((2048, 1024), device)) == elsewhere
    assert measured_efficiency.largest_batch("eager", device) == math.inf
    assert measured_efficiency.largest_batch("compiled", device) == compiled


def test_half_of_the_main_memory_is_for_the_maps_of_a_batch(monkeypatch):
    monkeypatch.setattr(inference, "main_memory_bytes", lambda: 2**30)
    image, logits = 4 * 3 * 64 * 32, 4 * 4 * 64 * 32
    assert inference._largest_batch(Network(), 64, 32, "fp32") == 0.5 * 2**30 / (image + logits)
    on_gpu = SimpleNamespace(parameters=lambda: iter([SimpleNamespace(device=GPU)]))
    assert inference._largest_batch(on_gpu, 64, 32, "fp32") == math.inf


PHYSICAL = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("groups", "limits", "expected"),
    [
        ("0::/job/step\n", {"job/memory.max": "3000", "job/step/memory.max": "max"}, 3000),
        ("0::/job/step\n", {"job/memory.max": "3000", "job/step/memory.max": "2000\n"}, 2000),
        ("0::/\n", {"memory.max": "4000"}, 4000),
        ("5:cpu:/\n4:memory:/job\n0::/\n", {"memory/job/memory.limit_in_bytes": "5000"}, 5000),
        ("4:memory:/elsewhere\n", {"memory/memory.limit_in_bytes": "6000"}, 6000),
        ("4:memory:/\n", {"memory/memory.limit_in_bytes": str(2**63 - 4096)}, PHYSICAL),
        ("0::/job\n", {"job/memory.max": "max"}, PHYSICAL),
        (None, {}, PHYSICAL),
    ],
)
def test_main_memory_is_what_a_container_or_batch_system_leaves(tmp_path, monkeypatch, groups, limits, expected):
    monkeypatch.setattr(main_memory, "CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(main_memory, "MOUNTED", tmp_path / "mounted")
    if groups is not None:
        (tmp_path / "cgroup").write_text(groups)
    for name, limit in limits.items():
        file = tmp_path / "mounted" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(limit)
    assert main_memory.main_memory_bytes() == expected


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


KNOWN: dict[tuple[str, int, int, int], CountedBytes] = {}


def counted_once(config: Config, batch: int, height: int, width: int) -> CountedBytes:
    """What `count_training_memory` counts; every network is counted once for all tests, as it takes seconds."""
    asked = (config.pretty_text, batch, height, width)
    if asked not in KNOWN:
        KNOWN[asked] = count_training_memory(config, batch, height, width)
    return KNOWN[asked]


def compared(suite: Path, name: str) -> Comparison:
    out = suite.with_name("comparison.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "count_training_memory", counted_once)
        compare.main(suite, "synthcity", name, out, device="cpu", seconds=0)
    return evidence_file.read(out, Comparison)


def test_two_latencies_are_measured_in_pairs(suite, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    found = compared(suite, "latency")
    assert (found.models, found.size, found.pairs) == (("espnet_p2q3", "espnet_p2q8"), (64, 32), 10)
    assert found.block == 2
    assert found.ratio == pytest.approx(found.values[1] / found.values[0])
    assert found.interval[0] <= found.ratio <= found.interval[1]
    assert found.conditions.threads == torch.get_num_threads()
    hashes = (found.provenance.config_sha256, found.baseline_config_sha256)
    assert hashes == (config_sha256(Config.fromfile(SMALL)), config_sha256(Config.fromfile(LARGE)))


@pytest.mark.slow
def test_two_counts_are_those_of_the_networks(suite, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    settings = [Config.fromfile(file) for file in (SMALL, LARGE)]
    memory = [counted_once(config, 2, 32, 64) for config in settings]
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


def compared_on_a_gpu(suite, monkeypatch, name, outcome=None):
    """A comparison on a machine with a GPU, whose trainings take what `outcome` says."""
    measured = []

    def peak(config, batch, height, width, device):
        measured.append((batch, height, width, device, torch.backends.cudnn.benchmark))
        if isinstance(outcome[len(measured) - 1], Exception):
            raise outcome[len(measured) - 1]
        return outcome[len(measured) - 1]

    properties = SimpleNamespace(name="A graphics card", total_memory=80 * 2**30)
    monkeypatch.setattr(compare, "choose_device", lambda name: GPU)
    monkeypatch.setattr(compare, "peak_training_bytes", peak)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: properties)
    monkeypatch.setattr(torch.cuda, "clock_rate", lambda device: 1980)
    monkeypatch.setattr(torch.cuda, "temperature", lambda device: 40)
    return compared(suite, name), measured


@pytest.mark.slow
def test_where_there_is_a_gpu_the_peaks_of_both_trainings_are_measured(suite, monkeypatch):
    found, measured = compared_on_a_gpu(suite, monkeypatch, "needed", (3000, 4500))
    assert measured == [(2, 32, 64, GPU, False)] * 2, "cuDNN as the recipe sets it"
    assert (found.peaks, found.failure) == ((3000, 4500), None)
    assert (found.conditions.clock_mhz, found.conditions.cudnn_benchmark) == ((1980, 1980), False)
    assert found.provenance.hardware.device == "cuda"
    assert found.values[0] == sum(counted_once(Config.fromfile(SMALL), 2, 32, 64)), "counted as everywhere"


@pytest.mark.slow
def test_a_training_that_does_not_fit_leaves_the_counts(suite, monkeypatch):
    found, _ = compared_on_a_gpu(suite, monkeypatch, "needed", (3000, FULL))
    assert (found.peaks, found.failure, found.conditions) == (None, "out of memory", None)
    with pytest.raises(RuntimeError, match="a mistake"):
        compared_on_a_gpu(suite, monkeypatch, "needed", (RuntimeError("a mistake"),))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["size", "kept"])
def test_what_is_counted_is_counted_on_the_processor(suite, monkeypatch, name):
    found, measured = compared_on_a_gpu(suite, monkeypatch, name)
    assert (found.provenance.hardware.device, found.conditions, measured) == ("cpu", None, [])


def test_clock_and_temperature_are_read_when_both_networks_have_warmed_the_device(suite, monkeypatch):
    happened = []

    class Watched(ConditionsOf):
        def __init__(self, device):
            happened.append("conditions noted")
            super().__init__(device)

    def forward_of(network, precision, mode):
        return lambda image: happened.append("call")

    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    monkeypatch.setattr(compare, "ConditionsOf", Watched)
    monkeypatch.setattr(compare, "forward_pass", forward_of)
    compared(suite, "latency")
    assert happened[:4] == ["call", "call", "conditions noted", "call"]


@pytest.mark.parametrize(("dataset", "name"), [("synthcity", "speed"), ("synthcity", "better"), ("camvid", "latency")])
def test_a_comparison_that_no_report_plans_is_refused(suite, tmp_path, monkeypatch, dataset, name):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    with pytest.raises(SegReproError, match=f"reports: found no comparison '{name}' of costs on {dataset}") as error:
        compare.main(suite, dataset, name, tmp_path / "out.json", device="cpu")
    assert ("latency, size, kept, needed" if dataset == "synthcity" else "there are none") in str(error.value)
    assert not (tmp_path / "out.json").exists()
