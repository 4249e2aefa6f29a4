"""`data_manifests/protocols/<protocol>.yaml`: how predictions become a number."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .base import Identifier, Record

SINGLE_SCALE = "single_scale"
"""Name of the inference that every prediction holds: one pass, as the config's own test pipeline says."""


class Resize(Record):
    """How an image becomes the network's input at one scale."""

    size: Literal["rounded", "truncated", "kept_ratio", "longer_side"] = Field(
        description="rounded, truncated: each side times the scale, made whole in that way (rounded: a half to the "
        "even number); kept_ratio: as mmcv's Resize, the largest size with the ratio of the sides within each side "
        "times the scale, halves rounded up both times; longer_side: it gets `longer_side` times the scale, rounded "
        "up, the other in proportion"
    )
    longer_side: Annotated[int, Field(gt=0)] | None = Field(
        default=None, description="pixels of the longer side at scale 1, with size: longer_side only"
    )
    multiple: Annotated[int, Field(gt=0)] = Field(default=1, description="sides are then rounded up to a multiple")
    interpolation: Literal["pillow_bicubic", "opencv_bilinear", "bilinear", "bilinear_aligned"] = Field(
        description="the first two resize the image before it is normalised, and round to 8 bits (Pillow's averages "
        "where it reduces); the others resize the normalised one, bilinear_aligned with align_corners"
    )

    @model_validator(mode="after")
    def _longer_side_is_stated_where_it_is_used(self) -> "Resize":
        if (self.size == "longer_side") != (self.longer_side is not None):
            raise ValueError("longer_side with size: longer_side, and with no other size")
        return self


class Window(Record):
    """Square windows that are predicted one by one, instead of the whole image."""

    crop: Annotated[int, Field(gt=0)] = Field(description="side of a window")
    stride: Annotated[int, Field(gt=0)] = Field(description="from one window to the next; at most `crop`")
    pad: Literal["centred", "end"] = Field(
        description="where an image with a side below `crop` gets pixels: on both ends, or at the bottom and the right"
    )
    fill: tuple[float, float, float] = Field(
        description="what these pixels are in the network's input, so after normalisation: red, green, blue. It is the "
        "authors' number, whatever mean and standard deviation the config normalises by"
    )
    last: Literal["moved_back", "padded"] = Field(
        description="a window that would reach beyond the image begins earlier, or is padded like a small image"
    )
    overlaps: Literal["added", "averaged"] = Field(description="scores of pixels in several windows")

    @model_validator(mode="after")
    def _windows_leave_no_gap(self) -> "Window":
        if self.stride > self.crop:
            raise ValueError(f"a stride of at most {self.crop}, the crop")
        return self


class Inference(Record):
    """How the class scores of one image are computed, if not by a single pass of the whole image."""

    scales: tuple[Annotated[float, Field(gt=0)], ...] = Field(min_length=1)
    flip: bool = Field(description="whether each image, or window, is predicted mirrored left to right as well")
    resize: Resize
    window: Window | None = Field(default=None, description="null: each scaled image is predicted whole")
    fuse: Literal["softmax", "exp_of_summed_logits"] = Field(
        description="softmax: class probabilities are added over mirrorings and scales; exp_of_summed_logits: logits "
        "are added over the mirrorings, and their exponentials over the scales"
    )
    upsampling: Literal["logits_once", "logits_twice"] | None = Field(
        default=None,
        description="for an image that is predicted whole. logits_once: logits are resized directly to the size of the "
        "image; logits_twice: to the size of the network's input first. null with a window: the scores of all windows "
        "are combined, then resized to the size of the image with align_corners",
    )

    @model_validator(mode="after")
    def _upsampling_is_stated_where_it_is_used(self) -> "Inference":
        if (self.window is None) != (self.upsampling is not None):
            raise ValueError("upsampling where there is no window, and none with a window")
        return self


class Protocol(Record):
    """Inference and scoring rules as data. Scoring is arithmetic on per-image confusion arrays."""

    id: Identifier
    title: str
    description: str = Field(description="what a reader must know to understand a difference in the scores")
    source: str = Field(description="paper section, code file or standard that it follows")
    inferred: str | None = Field(
        default=None, description="what the rules were inferred from, where no source states them"
    )
    fitted: tuple[str, ...] = Field(
        default=(),
        description="quantities, such as miou, by whose claimed number the rules were chosen: agreement in them was not"
        " free to fail",
    )
    void: Literal["ignored", "class"] = Field(
        description="ignored: pixels whose truth is void are not counted; class: void is one more row and column of "
        "the confusion matrix, left out of every mean over classes. A labelled pixel predicted as void is wrong in both"
    )
    average: Literal["dataset", "image"] = Field(
        description="dataset: one matrix summed over all images; image: mean of the values of the single images"
    )
    absent: Literal["skipped", "zero"] = Field(
        description="a class whose score is 0/0 (no such pixel, or for the accuracy no such true pixel) is left out "
        "of the mean, or counts as 0"
    )
    inference: Inference | None = Field(
        default=None, description="null: one pass at one scale, as the config's own test pipeline says"
    )
    basis: dict[Literal["void", "average", "absent", "inference"], Literal["code", "paper", "ours"]] = Field(
        description="of each rule: code and paper: `source` does it, or says it; ours: neither, so it is the suite's "
        "reading or choice"
    )

    @model_validator(mode="after")
    def _each_rule_has_its_basis(self) -> "Protocol":
        rules = {"void", "average", "absent"} | ({"inference"} if self.inference else set())
        if self.basis.keys() != rules:
            raise ValueError(f"a basis for each of {', '.join(sorted(rules))}, and for nothing else")
        if self.fitted and self.inferred is None:
            raise ValueError("inferred where the rules are fitted")
        return self

    @property
    def counted_as(self) -> str:
        """Name of the inference whose counts it scores: its own, or the one that every prediction holds."""
        return SINGLE_SCALE if self.inference is None else self.id
