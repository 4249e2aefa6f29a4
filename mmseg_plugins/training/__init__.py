"""Training that resumes exactly; importing this package registers the classes that configs name."""

from .atomic_backend import AtomicBackend
from .best_on_val_hook import BestOnValHook
from .channels_last_hook import ChannelsLastHook
from .kernel_decay import KernelDecayConstructor
from .non_finite_loss_hook import NonFiniteLossHook
from .pass_batch_sampler import PassBatchSampler
from .pass_train_loop import PassTrainLoop
from .pretrained_hook import PretrainedHook
from .random_state_hook import RandomStateHook
from .seeded_dataset import SeededDataset
from .seeded_sampler import SeededInfiniteSampler, SeededSampler
from .whole_batch import WholeBatchDataParallel

__all__ = [
    "AtomicBackend",
    "BestOnValHook",
    "ChannelsLastHook",
    "KernelDecayConstructor",
    "NonFiniteLossHook",
    "PassBatchSampler",
    "PassTrainLoop",
    "PretrainedHook",
    "RandomStateHook",
    "SeededDataset",
    "SeededInfiniteSampler",
    "SeededSampler",
    "WholeBatchDataParallel",
]
