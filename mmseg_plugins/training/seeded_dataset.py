"""A dataset whose augmentation depends only on the seed that the sampler gives."""

from typing import Any

from mmengine.dataset import BaseDataset
from mmseg.registry import DATASETS
from torch.utils.data import Dataset

from segrepro.system_errors import system_errors_explained

from .random_state import seeded
from .seeded_sampler import SampleKey


@DATASETS.register_module()
class SeededDataset(Dataset[dict[str, Any]]):
    """Loads the samples of another dataset, each with the random generators seeded for it alone.

    Python's, NumPy's and PyTorch's generators are seeded before the inner pipeline runs and put back afterwards, so
    that a sample is the same for every number of loader workers and after every restart. Without workers the pipeline
    runs in the training process, whose own random state stays unchanged.

    Args:
        dataset: config of the inner dataset, or the dataset.
    """

    def __init__(self, dataset: dict[str, Any] | BaseDataset) -> None:
        self.dataset: BaseDataset = DATASETS.build(dataset) if isinstance(dataset, dict) else dataset
        self.dataset.full_init()

    @property
    def metainfo(self) -> dict[str, Any]:
        """The inner dataset's class names, palette and so on."""
        return self.dataset.metainfo

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.dataset)

    def __getitem__(self, key: SampleKey | int) -> dict[str, Any]:
        """Runs the inner pipeline on sample `key.index` under `key.seed`; it also sees the entry `pass_number`.

        A plain index is its own seed, for programs without the suite's samplers, such as `browse_dataset.py`.

        Raises:
            SegReproError: a file cannot be read.
        """
        if isinstance(key, int):
            key = SampleKey(index=key, seed=key)
        # A message, because PyTorch's worker processes hand on no more of an error than its type and one text.
        with system_errors_explained(), seeded(key.seed):
            return self.dataset.pipeline({**self.dataset.get_data_info(key.index), "pass_number": key.pass_number})
