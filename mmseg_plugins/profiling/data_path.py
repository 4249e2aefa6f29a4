"""The path of the data through a network, from its module tree and forward passes without numbers."""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import torch
from mmseg.models.segmentors import BaseSegmentor
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakTensorKeyDictionary

from data_manifests.schemas.data_path import Join, Stage

WIDTH, HEIGHT = 1024, 512
"""Of the image that is followed, in pixels."""
JOINS: dict[str, Join] = {"cat": "concatenated", "add": "added", "mul": "multiplied"}
"""By the name of the operation without underscores, whether a function, a method or an operator."""


def data_path(network: BaseSegmentor) -> tuple[Stage, ...]:
    """Follows an image through a network up to its logits; nothing is computed, as the tensors have no storage.

    A module is one stage if it takes one map and gives one, or if everything in it has the size of what it gives; other
    modules, and the parts of the network itself, are followed inside. Stages of one size that only follow each other
    within one module are one.

    Args:
        network: on any device; left as it is. What only a training uses is not followed.

    Returns:
        The image, then the stages in the order of their work; the logits come last.
    """
    meta_network = copy.deepcopy(network).to("meta").eval()
    image = torch.empty(1, 3, HEIGHT, WIDTH, device="meta")
    sizes = _Sizes()
    _run(meta_network, image, sizes, dict(meta_network.named_modules()))
    one = {name for name, fits in sizes.one.items() if fits and "." in name}
    shown = {name for name in one if not any(outer in one for outer in _outer(name))}
    followed = _Followed(image)
    with followed:
        modules = {name: module for name, module in meta_network.named_modules() if name in shown}
        logits = _run(meta_network, image, followed, modules)
    last = followed.known[logits]
    stages = followed.stages
    if len(last.sources) > 1 or last.joined:
        stages.append(_Open("logits", last).closed(logits))
    return tuple(_merged(stages))


class _Watch:
    """What is asked of each call of a module."""

    def enter(self, name: str, given: Sequence[Tensor]) -> None:
        raise NotImplementedError

    def leave(self, name: str, given: Sequence[Tensor], maps: Sequence[Tensor]) -> None:
        raise NotImplementedError


class _Sizes(_Watch):
    """Finds the modules that are one stage."""

    def __init__(self) -> None:
        self.one: dict[str, bool] = {}
        self._inside: list[set[tuple[int, ...]]] = []
        """Of each call that has not ended: the sizes of the maps that modules in it gave."""

    def enter(self, name: str, given: Sequence[Tensor]) -> None:
        self._inside.append(set())

    def leave(self, name: str, given: Sequence[Tensor], maps: Sequence[Tensor]) -> None:
        sizes = {tuple(each.shape[2:]) for each in maps}
        inside = self._inside.pop()
        for open_call in self._inside:
            open_call |= sizes
        fits = len(maps) == 1 and (len(given) == 1 or inside <= sizes)
        self.one[name] = fits and self.one.get(name, True)


@dataclass(frozen=True)
class _Fed:
    """Where a map comes from."""

    sources: frozenset[int]
    joined: frozenset[Join] = frozenset()
    """How the maps of the sources became one since."""


@dataclass
class _Open:
    """A stage whose work has not ended."""

    name: str
    fed: _Fed
    joined: set[Join] = field(default_factory=set)

    def closed(self, made: Tensor) -> Stage:
        _, channels, height, width = made.shape
        joined = sorted(self.joined | self.fed.joined)
        inputs = sorted(self.fed.sources)
        return Stage(
            name=self.name, inputs=tuple(inputs), joined=tuple(joined), channels=channels, height=height, width=width
        )


class _Followed(TorchFunctionMode, _Watch):
    """Knows of each map from which stages it comes, through all operations between them."""

    def __init__(self, image: Tensor) -> None:
        super().__init__()
        _, channels, height, width = image.shape
        self.stages = [Stage(name="image", modules=0, inputs=(), channels=channels, height=height, width=width)]
        self.known = WeakTensorKeyDictionary()
        self.known[image] = _Fed(frozenset([0]))
        self._open: _Open | None = None
        self._within = 0

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Runs an operation; what it makes comes from where its arguments come from."""
        fed = [self.known[each] for each in _tensors((args, kwargs)) if each in self.known]
        result = function(*args, **(kwargs or {}))
        if fed:
            made = self._together(fed, getattr(function, "__name__", ""))
            for each in _tensors(result):
                self.known[each] = made
        return result

    def enter(self, name: str, given: Sequence[Tensor]) -> None:
        self._within += 1
        if self._within == 1:
            self._open = _Open(name, self._together([self.known[each] for each in given]))

    def leave(self, name: str, given: Sequence[Tensor], maps: Sequence[Tensor]) -> None:
        self._within -= 1
        if self._within or self._open is None:
            return  # several modules may share one, which has the name that it has in the first
        stage, self._open = self._open, None
        if any(maps[0] is each for each in given):
            return  # it passes the map on
        self.known[maps[0]] = _Fed(frozenset([len(self.stages)]))
        self.stages.append(stage.closed(maps[0]))

    def _together(self, fed: Iterable[_Fed], operation: str = "") -> _Fed:
        several = list(fed)
        joined = frozenset().union(*(each.joined for each in several))
        how = JOINS.get(operation.strip("_").removeprefix("i"))
        if how and len({each.sources for each in several}) > 1:
            if self._open:
                self._open.joined.add(how)
            else:
                joined |= {how}
        return _Fed(frozenset().union(*(each.sources for each in several)), joined)


def _run(network: nn.Module, image: Tensor, watch: _Watch, modules: dict[str, nn.Module]) -> Tensor:
    def enter(name: str) -> Callable[..., None]:
        return lambda module, args, kwargs: watch.enter(name, _maps((args, kwargs)))

    def leave(name: str) -> Callable[..., None]:
        return lambda module, args, kwargs, result: watch.leave(name, _maps((args, kwargs)), _maps(result))

    with ExitStack() as hooks, torch.no_grad():
        for name, module in modules.items():
            hooks.enter_context(module.register_forward_pre_hook(enter(name), with_kwargs=True))
            hooks.enter_context(module.register_forward_hook(leave(name), with_kwargs=True))
        logits: Tensor = network(image, mode="tensor")
    return logits


def _merged(stages: Sequence[Stage]) -> list[Stage]:
    """Makes one of consecutive stages of one size that belong together."""
    runs: list[list[int]] = []
    for i in range(len(stages)):
        if runs and _belong_together(stages, [*runs[-1], i]):
            runs[-1].append(i)
        else:
            runs.append([i])
    place = {i: at for at, run in enumerate(runs) for i in run}
    return [_as_one(stages, run, place) for run in runs]


def _belong_together(stages: Sequence[Stage], run: Sequence[int]) -> bool:
    """Whether they are a chain, or within a block, such as a dense one, whose maps are only taken all together."""
    first, *others = (stages[i] for i in run)
    parent = _outer(first.name)[:1]
    if not parent or any(
        _outer(other.name)[:1] != parent or (other.height, other.width) != (first.height, first.width)
        for other in others
    ):
        return False
    members = set(run)
    taken = [members.intersection(stage.inputs) for i, stage in enumerate(stages) if i not in members]
    if all(stage.inputs == (before,) and not stage.joined for before, stage in zip(run, others, strict=False)):
        return not any(set(run[:-1]) & each for each in taken)
    within_a_block = "." in parent[0] and all(set(other.inputs) - members <= set(first.inputs) for other in others)
    return within_a_block and all(each in (set(), members) for each in taken)


def _as_one(stages: Sequence[Stage], run: Sequence[int], place: Mapping[int, int]) -> Stage:
    first, last = stages[run[0]], stages[run[-1]]
    outside = {source for i, stage in enumerate(stages) if i not in run for source in stage.inputs}
    handed_on = [stages[i] for i in run if i in outside] or [last]
    joined = {how for i in run for how in stages[i].joined}
    return last.model_copy(
        update={
            "name": first.name if len(run) == 1 else f"{first.name} … {last.name.rpartition('.')[2]}",
            "modules": sum(stages[i].modules for i in run),
            "inputs": tuple(sorted({place[source] for source in first.inputs})),
            "joined": tuple(sorted(joined)),
            "channels": sum(stage.channels for stage in handed_on),
        }
    )


def _outer(name: str) -> list[str]:
    """The modules that a module is in, from the innermost."""
    parts = name.partition(" … ")[0].split(".")
    return [".".join(parts[:i]) for i in range(len(parts) - 1, 0, -1)]


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def _maps(tree: Any) -> list[Tensor]:
    """The maps (N, channels, height, width) among some arguments, each once."""
    return list({id(leaf): leaf for leaf in _tensors(tree) if leaf.dim() == 4}.values())
