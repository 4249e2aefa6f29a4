"""Where networks run, and that nothing is rounded there."""

import pytest
import torch

from data_manifests.errors import SegReproError
from mmseg_plugins.device import choose_device


@pytest.mark.parametrize(
    ("has_cuda", "asked", "chosen"), [(False, None, "cpu"), (True, None, "cuda"), (True, "cpu", "cpu")]
)
def test_a_gpu_is_used_where_there_is_one_and_rounds_nothing(monkeypatch, tf32, has_cuda, asked, chosen):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_cuda)
    assert choose_device(asked) == torch.device(chosen)
    assert [place.allow_tf32 for place in tf32] == [False, False]


@pytest.mark.parametrize(("has_cuda", "asked", "expected"), [(False, "cuda", "cpu"), (True, "tpu", "cpu or cuda")])
def test_a_device_that_is_not_there_is_refused(monkeypatch, has_cuda, asked, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_cuda)
    with pytest.raises(SegReproError, match=f"--device: found {asked}; expected {expected}, which this machine has"):
        choose_device(asked)
