"""Trainings at the papers' scale ask for a GPU before anything is planned, without loading PyTorch themselves."""

import pytest

from segrepro.errors import SegReproError
from workflow import cuda


@pytest.mark.parametrize(("check", "usable"), [("pass", True), ("import sys; sys.exit('no driver')", False)])
def test_trainings_at_the_papers_scale_ask_pytorch_for_a_gpu(monkeypatch, check, usable):
    monkeypatch.setattr(cuda, "CHECK", check)
    cuda.require_cuda([])
    if usable:
        cuda.require_cuda(["results/run"])
    else:
        with pytest.raises(SegReproError, match=r"\n  results/run\n.* none to train on:\nno driver\n"):
            cuda.require_cuda(["results/run"])


def test_pytorch_is_asked_in_a_process_of_its_own(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(SegReproError, match="error: --device: found cuda, but no GPU that PyTorch"):
        cuda.require_cuda(["results/run"])
