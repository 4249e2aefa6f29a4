"""Where networks run, and that nothing is rounded there."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from mmengine.device import get_device

from mmseg_plugins.runtime.device import choose_device
from segrepro.errors import SegReproError


@pytest.mark.parametrize(("asked", "chosen"), [(None, "cuda"), ("cuda", "cuda"), ("cpu", "cpu")])
def test_a_gpu_is_used_where_there_is_one_also_by_mmengine_and_rounds_nothing(gpu, tf32, asked, chosen):
    assert choose_device(asked) == torch.device(chosen)
    assert get_device() == chosen
    assert [place.allow_tf32 for place in tf32] == [False, False]


def test_without_a_gpu_it_is_the_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device(None) == torch.device("cpu")
    with pytest.raises(SegReproError, match=r"--device: found cuda, but no GPU that PyTorch \d.*--device cpu"):
        choose_device("cuda")


def test_other_names_are_refused(gpu):
    with pytest.raises(SegReproError, match="--device: found tpu; expected cpu or cuda"):
        choose_device("tpu")


@pytest.mark.parametrize("asked", [None, "cuda"])
def test_a_gpu_that_pytorch_has_no_kernels_for_is_named(gpu, monkeypatch, asked):
    def no_kernels(*_, **__):
        raise RuntimeError("CUDA error: no kernel image is available for execution on the device\nCompile with ...")

    monkeypatch.setattr(torch, "ones", no_kernels)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA GeForce GTX 1080 Ti")
    monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_75", "sm_120"])
    with pytest.raises(SegReproError) as error:
        choose_device(asked)
    said = str(error.value)
    assert said.startswith("--device: found NVIDIA GeForce GTX 1080 Ti, on which PyTorch ")
    for part in ("sm_75, sm_120", "'CUDA error: no kernel image is available for execution on the device'",
                 "--device cpu", "export CUDA_VISIBLE_DEVICES=)"):  # fmt: skip
        assert part in said
    assert choose_device("cpu") == torch.device("cpu")


def test_denormal_numbers_count_as_zero_in_every_thread_that_is_started_later():
    """In threads of its own, as the setting is a thread's."""

    def chosen_here_used_there():
        torch.set_flush_denormal(False)  # another test may have set it in the thread that starts this one
        tiny = torch.tensor([1e-39])
        before = (tiny * 1).item()
        choose_device("cpu")
        with ThreadPoolExecutor(1) as later:
            return before, (tiny * 1).item(), later.submit(lambda: (tiny * 1).item()).result()

    with ThreadPoolExecutor(1) as own:
        before, here, there = own.submit(chosen_here_used_there).result()
    assert before > 0 and here == there == 0
