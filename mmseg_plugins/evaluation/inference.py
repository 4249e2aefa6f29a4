"""Class scores of one image under several inference rules; forward passes that several rules need run only once."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, Literal, NamedTuple

import torch
from mmengine.dataset import pseudo_collate
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.models.segmentors import BaseSegmentor, EncoderDecoder
from mmseg.models.utils import resize
from mmseg.structures import SegDataSample
from torch import Tensor
from torch.nn.functional import interpolate

from data_manifests.schemas.protocol import Inference, Window
from segrepro.errors import SegReproError

from .scaled_images import ScaledImages, Size, scaled_size
from .sliding_window import Tile, tiling


class Pass(NamedTuple):
    """Input of one forward pass, and the size that its logits are resized to. Equal passes have equal logits."""

    size: Size
    """Of the image when it is resized."""
    interpolation: str | None
    """None where it keeps its size."""
    mirrored: bool
    upsampling: Literal["logits_once", "logits_twice", "class_map"] | None = None
    """As in `Inference`; logits for a class map keep the size of the network's input. None for a window, and for the
    pass of the config's own test."""
    window: tuple[Window, Tile] | None = None
    """The rule for windows and the part of the image; None for the whole image."""


class Passes:
    """The forward passes of a network over one image; each runs when its logits are first needed.

    Args:
        network: in evaluation mode.
        item: of the config's test pipeline, with one image.
        scaled: of that image, as `scaled_images` makes them for the rules.
        rules: inference rules that `scores` is called with, once each. Logits are kept until their last use.
        check: called with the logits of each pass.
    """

    def __init__(
        self,
        network: BaseSegmentor,
        item: dict[str, Any],
        scaled: ScaledImages,
        rules: Mapping[str, Inference | None],
        check: Callable[[Tensor], None],
    ) -> None:
        self._network, self._item, self._scaled, self._check = network, item, scaled, check
        self.size = _size(item["inputs"])
        self.target: Size = tuple(item["data_samples"].ori_shape)
        self._remaining_uses = Counter(wanted for rule in rules.values() for wanted in self._planned(rule))
        if self._remaining_uses[self.config_pass()]:
            self._remaining_uses[self._pass_at_input_size()] += 1
        self._cached: dict[Pass, Tensor] = {}
        # Only the last one is kept, because mirrored images and windows of one size follow each other.
        self._last_resized: dict[tuple[Any, ...], Tensor] = {}

    def config_pass(self) -> Pass:
        """The pass that MMSegmentation's test loop makes."""
        return Pass(self.size, None, mirrored=False)

    def _pass_at_input_size(self) -> Pass:
        """The same pass, before its logits are brought to the target's size."""
        return Pass(self.size, None, mirrored=False, upsampling="class_map")

    def whole(self, size: Size, rule: Inference, *, mirrored: bool) -> Pass:
        """A pass over the whole image in a given size."""
        if rule.upsampling == "class_map":
            return self._pass_at_input_size()
        unchanged = size == self.size
        in_place = unchanged and (size == self.target or rule.upsampling == "logits_twice")
        if in_place and not mirrored and self._network.test_cfg.get("mode", "whole") == "whole":
            return self.config_pass()
        return Pass(size, None if unchanged else rule.resize.interpolation, mirrored, rule.upsampling)

    def windowed(self, size: Size, rule: Inference, window: Window, tile: Tile, *, mirrored: bool) -> Pass:
        """A pass over one window."""
        interpolation = None if size == self.size else rule.resize.interpolation
        return Pass(size, interpolation, mirrored, window=(window, tile))

    def logits(self, wanted: Pass) -> Tensor:
        """Logits (1, C, H, W), not mirrored, of the target's size, of a tile's, or for a class map of the input's."""
        if wanted not in self._cached:
            logits = self._forward(wanted)
            self._check(logits)
            self._cached[wanted] = logits
        self._remaining_uses[wanted] -= 1
        return self._cached[wanted] if self._remaining_uses[wanted] > 0 else self._cached.pop(wanted)

    def _planned(self, rule: Inference | None) -> Iterator[Pass]:
        if rule is None:
            yield self.config_pass()
            return
        for scale in rule.scales:
            size = scaled_size(self.size, scale, rule.resize)
            for mirrored in (False, True)[: 1 + rule.flip]:
                if rule.window is None:
                    yield self.whole(size, rule, mirrored=mirrored)
                else:
                    for tile in tiling(size, rule.window).tiles:
                        yield self.windowed(size, rule, rule.window, tile, mirrored=mirrored)

    def _forward(self, wanted: Pass) -> Tensor:
        if wanted.window is not None:
            return self._tile_logits(wanted, *wanted.window)
        if wanted.upsampling is None:
            return _resize_to(self.target, self.logits(self._pass_at_input_size()), self._network.align_corners)
        if wanted.upsampling == "class_map":
            return self._config_logits()
        image = self._cached_input(self._resized, wanted.size, wanted.interpolation)
        inputs, padding = self._preprocessed(image.flip(2) if wanted.mirrored else image)
        if wanted.upsampling == "logits_once":
            if any(padding):
                raise SegReproError(
                    f"{self._item['data_samples'].img_path}: at {wanted.size}: found an input that the config pads; "
                    "expected one without padding, because logits are resized directly to the image. Use a protocol "
                    "whose image sides are multiples of the size_divisor of the config's data_preprocessor"
                )
            logits = _encode_decode(self._network, inputs, self.target)
        else:
            logits = _encode_decode(self._network, inputs, _size(inputs))
            logits = _resize_to(self.target, _without_padding(logits, padding), self._network.align_corners)
        return logits.flip(3) if wanted.mirrored else logits

    def _config_logits(self) -> Tensor:
        """As `postprocess_result` of MMSegmentation makes them, before it resizes them to the target."""
        data = self._network.data_preprocessor(pseudo_collate([self._item]), False)
        inputs, metas = _channels_last(data["inputs"]), [sample.metainfo for sample in data["data_samples"]]
        if self._network.test_cfg.get("mode", "whole") == "whole":
            logits = _encode_decode(self._network, inputs, _size(inputs))
        else:
            logits = self._network.inference(inputs, metas)
        return _without_padding(logits, _padding(metas[0]))

    def _tile_logits(self, wanted: Pass, window: Window, tile: Tile) -> Tensor:
        padded = self._cached_input(self._padded, wanted.size, wanted.interpolation, window)
        inputs = padded[:, :, tile.top : tile.top + tile.height, tile.left : tile.left + tile.width]
        inputs = self._padded_window(inputs, (0, window.crop - tile.width, 0, window.crop - tile.height), window)
        if wanted.mirrored:
            inputs = inputs.flip(3)
        logits = _encode_decode(self._network, inputs, (window.crop, window.crop))
        return (logits.flip(3) if wanted.mirrored else logits)[:, :, : tile.height, : tile.width]

    def _cached_input(self, make: Callable[..., Tensor], *arguments: Any) -> Tensor:
        if arguments not in self._last_resized:
            self._last_resized = {arguments: make(*arguments)}
        return self._last_resized[arguments]

    def _resized(self, size: Size, interpolation: str | None) -> Tensor:
        image = self._item["inputs"]
        if interpolation is None:
            return image
        if interpolation in ("bilinear", "bilinear_aligned"):
            # The image is normalised afterwards. Normalisation is linear, so it commutes with interpolation.
            aligned = interpolation == "bilinear_aligned"
            return interpolate(image[None].float(), size, mode="bilinear", align_corners=aligned)[0]
        return self._scaled[size, interpolation]

    def _padded(self, size: Size, interpolation: str | None, window: Window) -> Tensor:
        inputs, padding = self._preprocessed(self._resized(size, interpolation))
        return self._padded_window(_without_padding(inputs, padding), tiling(size, window).pad, window)

    def _padded_window(self, inputs: Tensor, padding: tuple[int, int, int, int], window: Window) -> Tensor:
        if not any(padding):
            return inputs
        left, right, top, bottom = padding
        height, width = inputs.shape[2:]
        # Images are read as BGR; a network whose preprocessor does not exchange their channels takes BGR.
        rgb = self._network.data_preprocessor._channel_conversion
        fill = inputs.new_tensor(window.fill if rgb else window.fill[::-1])[None, :, None, None]
        filled = _channels_last(fill.repeat(1, 1, top + height + bottom, left + width + right))
        filled[:, :, top : top + height, left : left + width] = inputs
        return filled

    def _preprocessed(self, image: Tensor) -> tuple[Tensor, tuple[int, ...]]:
        """The network's input for an image, and the padding that the config's preprocessor added."""
        data = {"inputs": [image], "data_samples": [SegDataSample()]}
        data = self._network.data_preprocessor(data, False)
        return _channels_last(data["inputs"]), _padding(data["data_samples"][0].metainfo)


def scores(rule: Inference | None, passes: Passes) -> Tensor:
    """Class scores of each pixel; the class with the largest score is predicted.

    Args:
        rule: inference rule; None: logits of the config's own test.
        passes: of the image.

    Returns:
        (1, C, H, W) in the size of the image: logits, or by the rule's `fuse` sums of probabilities or of exponentials.
        For a class map in the size of the network's input: see `enlarged`.
    """
    if rule is None:
        return passes.logits(passes.config_pass())
    parts = (_scores_at(scaled_size(passes.size, scale, rule.resize), rule, passes) for scale in rule.scales)
    total = next(parts)
    for part in parts:
        total += part
    return total


def enlarged(class_map: Tensor, size: Size) -> Tensor:
    """Resizes a class map by nearest neighbour, as OpenCV does: pixel x is pixel floor(x * width / new width).

    Args:
        class_map: (H, W), integers up to 255.
        size: new height and width.

    Returns:
        The map in that size; the map itself where it has it already.
    """
    if class_map.shape == size:
        return class_map
    return interpolate(class_map[None, None].to(torch.uint8), size, mode="nearest")[0, 0].long()


def _scores_at(size: Size, rule: Inference, passes: Passes) -> Tensor:
    if rule.window is None:
        return _fuse(rule, passes, partial(passes.whole, size, rule))
    window = rule.window
    padding, tiles = tiling(size, window)
    parts = (_fuse(rule, passes, partial(passes.windowed, size, rule, window, tile)) for tile in tiles)
    first = next(parts)
    height, width = size[0] + padding[2] + padding[3], size[1] + padding[0] + padding[1]
    total, overlaps = first.new_zeros(1, first.shape[1], height, width), first.new_zeros(1, 1, height, width)
    for tile, part in zip(tiles, chain([first], parts), strict=True):
        region = (..., slice(tile.top, tile.top + tile.height), slice(tile.left, tile.left + tile.width))
        total[region] += part
        overlaps[region] += 1
    if window.overlaps == "averaged":
        total /= overlaps
    total = _without_padding(total, padding)
    return interpolate(total, passes.target, mode="bilinear", align_corners=True)


def _fuse(rule: Inference, passes: Passes, view: Callable[..., Pass]) -> Tensor:
    logits = [passes.logits(view(mirrored=mirrored)) for mirrored in (False, True)[: 1 + rule.flip]]
    if rule.fuse is None:
        return logits[0]
    if rule.fuse == "exp_of_summed_logits":
        return torch.stack(logits).sum(dim=0).exp_() if rule.flip else logits[0].exp()
    total = logits[0].softmax(dim=1)
    for mirrored in logits[1:]:
        total += mirrored.softmax(dim=1)
    return total


def _encode_decode(network: BaseSegmentor, inputs: Tensor, size: Size) -> Tensor:
    """Logits in a given size, as `encode_decode` of MMSegmentation, but without resizing logits of that size."""
    head = network.decode_head
    if (
        type(network).encode_decode is EncoderDecoder.encode_decode
        and type(head).predict is BaseDecodeHead.predict
        and type(head).predict_by_feat is BaseDecodeHead.predict_by_feat
    ):
        logits = head.forward(network.extract_feat(inputs))
        return logits if logits.shape[2:] == size else head.predict_by_feat(logits, [{"img_shape": size}])
    return network.encode_decode(inputs, [{"img_shape": size}])


def _size(maps: Tensor) -> Size:
    """Height and width of maps (..., H, W)."""
    height, width = maps.shape[-2:]
    return height, width


def _channels_last(inputs: Tensor) -> Tensor:
    """Without it, poolings and concatenations of the input would mix two memory layouts."""
    return inputs.contiguous(memory_format=torch.channels_last)


def _padding(meta: Mapping[str, Any]) -> tuple[int, ...]:
    """The padding that MMSegmentation added to an input: left, right, top, bottom."""
    return tuple(meta.get("img_padding_size", meta.get("padding_size", (0, 0, 0, 0))))


def _without_padding(maps: Tensor, padding: tuple[int, ...]) -> Tensor:
    left, right, top, bottom = padding
    height, width = maps.shape[2:]
    return maps[:, :, top : height - bottom, left : width - right]


def _resize_to(size: Size, logits: Tensor, align_corners: bool) -> Tensor:
    if logits.shape[2:] == size:
        return logits
    return resize(logits, size, mode="bilinear", align_corners=align_corners, warning=False)
