"""Checkpoints of other programs are read as data: what is harmless beside the weights is left out, code is refused."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer

from mmseg_plugins.networks.checkpoint_file import read_state_dict
from segrepro.errors import SegReproError

WEIGHTS = {"conv.weight": torch.arange(6.0).reshape(2, 3)}


def saved(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


def under_the_names_of_numpy_1(path: Path) -> Path:
    """The same file as NumPy 1 pickles it."""
    renamed = path.with_name("numpy_1.pth")
    with zipfile.ZipFile(path) as found, zipfile.ZipFile(renamed, "w") as written:
        for name in found.namelist():
            content = found.read(name)
            if name.endswith("data.pkl"):
                assert b"numpy._core" in content
                content = content.replace(b"numpy._core", b"numpy.core")
            written.writestr(name, content)
    return renamed


def history() -> HistoryBuffer:
    buffer = HistoryBuffer()
    buffer.update(0.5)
    return buffer


@pytest.mark.parametrize(
    "beside",
    [
        pytest.param({"message_hub": {"log_scalars": {"train/loss": history()}}}, id="history of MMEngine"),
        pytest.param({"best_pred": np.float64(0.754), "epoch": 240}, id="score as a NumPy scalar"),
        pytest.param({"mean": np.ones(3), "seed": np.int64(1)}, id="arrays"),
    ],
)
@pytest.mark.parametrize("form", [lambda path: path, under_the_names_of_numpy_1], ids=["NumPy 2", "NumPy 1"])
def test_what_lies_beside_the_weights_is_left_out(tmp_path: Path, beside: dict[str, object], form) -> None:
    found = read_state_dict(form(saved(tmp_path / "a.pth", {"state_dict": WEIGHTS, **beside})))
    assert found.keys() == WEIGHTS.keys()
    assert torch.equal(found["conv.weight"], WEIGHTS["conv.weight"])


class Runs:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self):
        return Path.mkdir, (self.folder,)


class Calls:
    """Calls a method that it asks for by the builtin that MMEngine's histories use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self):
        return getattr(np.ones(3), "tofile"), (str(self.folder),)  # noqa: B009


@pytest.mark.parametrize("intruder", [Runs, Calls])
def test_code_is_never_run_and_the_class_is_named(tmp_path: Path, intruder) -> None:
    path = saved(tmp_path / "a.pth", {"state_dict": WEIGHTS, "beside": intruder(tmp_path / "intruded")})
    with pytest.raises(SegReproError, match=r"a\.pth: found "):
        read_state_dict(path)
    assert not (tmp_path / "intruded").exists()


def test_refused_class_is_named_with_the_reason(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pth", {"state_dict": WEIGHTS, "model": torch.nn.ReLU()})
    with pytest.raises(
        SegReproError,
        match=r"found an object of torch\.nn\.modules\.activation\.ReLU; .*reading such an object would run code",
    ):
        read_state_dict(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({1: torch.ones(1)}, "an entry called 1, of type int; expected names as text"),
        ({"state_dict": {("a", 0): torch.ones(1)}}, r"an entry called \('a', 0\), of type tuple"),
        ({"state_dict": {"a": np.ones(1)}}, "found a dict of a; expected a state dict"),
        ([torch.ones(1)], "found a list; expected a state dict"),
    ],
    ids=["integer names", "tuples", "arrays for tensors", "list"],
)
def test_what_is_no_state_dict_is_refused_in_words(tmp_path: Path, content: object, said: str) -> None:
    with pytest.raises(SegReproError, match=said):
        read_state_dict(saved(tmp_path / "a.pth", content))


def test_damaged_file_is_one_message(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pth", WEIGHTS)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SegReproError, match=r"a\.pth: found a file that cannot be read as data"):
        read_state_dict(path)
    with pytest.raises(SegReproError, match=r"none\.pth: no such file"):
        read_state_dict(tmp_path / "none.pth")
