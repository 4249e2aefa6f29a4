"""Numbers that the authors' own code gave: one set a family in tests/fixtures, the rest in an outside folder."""

import csv
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tests.outside_folder import outside_folder

FIXTURES = Path(__file__).parent / "fixtures"


def find(name: str) -> Path:
    """A file or folder of numbers; the test is skipped where it lies only in an outside folder that is not there."""
    committed = next(FIXTURES.glob(f"*/{name}"), None)
    return committed or outside_folder("SEGREPRO_REFERENCE", f"reference {name}") / name


def arrays(name: str) -> dict[str, np.ndarray]:
    """The arrays of one .npz file, whose name comes without its suffix."""
    with np.load(find(f"{name}.npz")) as content:
        return dict(content)


def counts(family: str) -> dict[str, dict[str, str]]:
    """Parameters and multiply-accumulates of the authors' networks, by the variant."""
    with (FIXTURES / family / "counts.tsv").open() as lines:
        return {row["variant"]: row for row in csv.DictReader(lines, delimiter="\t")}


def official_entries(variant: str) -> dict[str, tuple[tuple[int, ...], str]]:
    """The authors' names with shapes and dtypes, in the authors' order."""
    with find(f"{variant}.state_dict.tsv").open() as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    shapes = [() if row["shape"] == "scalar" else tuple(map(int, row["shape"].split("x"))) for row in rows]
    return {row["key"]: (shape, f"torch.{row['dtype']}") for row, shape in zip(rows, shapes, strict=True)}


def random_image(batch: int, height: int, width: int) -> Tensor:
    """The input of all these networks, float32 (N, 3, H, W)."""
    values = np.random.default_rng(0).standard_normal((batch, 3, height, width))
    return torch.from_numpy(values.astype(np.float32))


def assert_same_output(found: Tensor, expected: dict[str, np.ndarray], head: str = "logits") -> None:
    """One head's output is the authors', to 1e-5 of its largest value, as is each channel's mean."""
    found = found.detach()
    assert found.shape == tuple(expected[f"{head}__shape"])
    limit = 1e-5 * expected[f"{head}__abs_max"]
    if found.ndim != 4:
        assert np.abs(found.numpy() - expected[head]).max() <= limit, head
        return
    stride = int(expected[f"{head}__stride"])
    assert np.abs(found.numpy()[..., ::stride, ::stride] - expected[head]).max() <= limit, head
    # The sub-sampled map does not see every pixel; the sums do.
    for what, summed in (("ch_sum", found), ("ch_abs_sum", found.abs())):
        sums = summed.double().sum((0, 2, 3)).numpy()
        assert np.abs(sums - expected[f"{head}__{what}"]).max() <= limit * found[:, 0].numel(), f"{head}__{what}"
