"""Words and number formats of the pages, so that readers need not know the field names of the suite."""

from collections.abc import Mapping

from data_manifests.schemas.claim import ProtocolValue
from data_manifests.schemas.evidence import Selection
from data_manifests.schemas.protocol import Inference, Protocol
from data_manifests.schemas.suite import Cost, Tolerances
from reports.judging.evidence import COUNTED
from reports.judging.outcome import Outcome
from segrepro.errors import SegReproError

METRICS = {
    "miou": "mIoU",
    "miou_delta": "mIoU difference",
    "class_iou": "IoU of a class",
    "category_miou": "category mIoU",
    "category_miou_delta": "category mIoU difference",
    "iiou": "iIoU",
    "class_iiou": "iIoU of a class",
    "category_iiou": "category iIoU",
    "class_avg_accuracy": "class average accuracy",
    "pixel_accuracy": "pixel accuracy",
    "top1_error": "top-1 error on ImageNet",
    "params_m": "parameters",
    "macs_g": "multiply-accumulates",
    "size_ratio": "size",
    "n_layers": "depth",
    "n_fcn_paths": "paths from input to output",
    "output_stride": "stride of the smallest feature maps",
    "fps": "frames per second",
    "fps_delta": "frames per second, difference",
    "speedup": "speed",
    "inference_n_gpus": "GPUs needed for inference",
    "feature_map_memory": "memory of the feature maps",
    "memory_reduction": "memory",
    "train_memory": "training memory",
    "train_memory_reduction": "training memory, change",
    "activation_memory_reduction": "saved activations, change",
    "train_time": "training time",
    "rank_in_table2": "rank in Table 2, by method",
}
"""What a quantity is called; `metric` adds whose it is and what it is compared with."""
NOT_NAMED = "not stated"
"""Of a comparison, where its source does not say with what."""
STATED = {
    "image_size": "image size",
    "train_data": "training images",
    "train_size": "size of training images",
    "train_crop": "training crop",
    "jitter": "augmentation",
    "batch_size": "batch size",
    "epochs": "epochs",
    "pretraining": "initial weights",
    "eval_scales": "scales of the evaluation",
    "eval_size": "size of evaluated images",
    "eval_flip": "with mirror images",
    "precision": "precision",
    "framework": "framework",
    "dataset_split": "split",
    "classes": "classes",
    "scored_by": "scored by",
    "note": "note",
}
"""What a paper states about its protocol, by the field of a claim."""
ROUTES = {
    "official": "authors' weights",
    "retrained": "trained here",
    "untrained": "untrained",
    "test_server": "owner's server",
}
MODES = {"eager": "eager", "compiled": "compiled", "contiguous": "eager, default layout"}
"""How a network is timed."""
SOURCES = {"code": "the authors' code", "paper": "the paper's text", "ours": "the suite's own"}
EXACT = {"million": 6, "paths": 0, "rank by method": 0}
"""Decimals of what is counted, by its unit."""
DECIMALS = {"percent": 2, "fraction": 4, **EXACT}
OUTCOMES: dict[Outcome, tuple[str, str]] = {
    "reproduced": ("✓", "the measurement agrees with the claim by the rule for how it was checked"),
    "consistent": ("≈", "it agrees, but was not free to disagree: a reading was chosen because it gives the number"),
    "not reproduced": ("✗", "the measurement does not agree with the claim"),
    "undecided": ("?", "the measurement speaks neither for nor against the claim; the reason says what would decide"),
    "not comparable": ("≠", "claim and measurement are not numbers of the same thing"),
    "not run": ("○", "nothing was measured for this claim; all that is missing is listed"),
}
QUANTITIES: dict[Cost, tuple[str, str, float]] = {
    "latency": ("latency", "ms", 1),
    "parameters": (COUNTED["parameters"], "million", 1e6),
    "saved_activations": (COUNTED["saved_activations"], "MiB", 2**20),
    "training_memory": (COUNTED["training_memory"], "MiB", 2**20),
}
"""By compared quantity: its name, its unit, and the factor from that unit to the unit of the evidence."""
SWITCHES = {
    "scoring": "same predictions, other scoring rule",
    "input": "other input to the network",
    "inference": "predicted at several scales",
}
# By field of a protocol: what the rule is about, and what each value means.
RULES = {
    "void": (
        "Pixels labelled void",
        {
            "ignored": "not counted",
            "class": "counted: void is one more row and column of the confusion matrix, but not part of any mean",
        },
    ),
    "average": (
        "Images",
        {"dataset": "summed into one confusion matrix", "image": "scored one by one, then averaged"},
    ),
    "absent": (
        "A class whose score is 0/0",
        {"skipped": "left out of the mean", "zero": "counts as 0"},
    ),
}


def judged_by(tolerances: Tolerances) -> dict[str, str]:
    """The rules of the verdicts, a sentence or two for each way of checking a claim."""
    t = tolerances
    return {
        "Printed": (
            "A claim stands for every value that prints as it does, rounded or cut; a limit such as “at most” stands"
            " for itself. Tolerances are added to that."
        ),
        "Re-evaluated": (
            f"The authors' weights on the same images agree within {t.same_device:g} points on the paper's device and"
            f" {t.other_device:g} on another: there is no chance in them."
        ),
        "Counted": "A count agrees if it prints as the claim does.",
        "Retrained": (
            f"With {t.seeds} seeds or more: reproduced if the 95 % prediction interval for one more seed meets the"
            f" claim and its half-width is at most {t.half_width:g} points; not reproduced if it misses the claim;"
            " otherwise undecided, as with fewer seeds. A recipe that is in part the suite's own never ends in “not"
            " reproduced”."
        ),
        "Difference": (
            "Of two networks on the same images: first the sign, so the paired interval must not hold 0; then the size,"
            f" with {t.effect:.0%} of the claimed effect as margin."
        ),
        "Speed": (
            f"Judged only on the named device and input size, there within {t.speed:.0%}, by which two machines of a"
            " kind differ; everywhere else not comparable."
        ),
        "Readings": (
            "Where the sources leave something open, the suite's reading is said. If it was chosen because it gives the"
            " claimed number, the number was not free to disagree: the outcome is “consistent” at most."
        ),
    }


BASIS_OF = {"void": "void", "average": "averaging", "absent": "absent classes", "inference": "passes of the network"}


def basis(protocol: Protocol) -> str:
    """Whose the rules of a protocol are, in a sentence or two."""
    kinds = {"code": "From the code", "paper": "From the text", "ours": "The suite's own reading"}
    by_kind = {kind: [BASIS_OF[rule] for rule, of in protocol.basis.items() if of == kind] for kind in kinds}
    return " ".join(f"{kinds[kind]}: {', '.join(rules)}." for kind, rules in by_kind.items() if rules)


def selection(chosen: Selection | None) -> str:
    """Which weights of a training were handed on."""
    if chosen is None:
        return "weights of the last iteration"
    names = {"mIoU": "mIoU", "aAcc": "pixel accuracy"}
    by = " and ".join(names.get(metric, metric) for metric in chosen.metrics)
    return (
        f"weights of epoch {chosen.epoch} of {len(chosen.scores)}, the best on the validation split by"
        f" {'the mean of ' if len(chosen.metrics) > 1 else ''}{by} ({max(chosen.scores):.2f} %)"
    )


def inference(rule: Inference | None) -> str:
    """The passes of the network that a protocol makes for one image, in words."""
    if rule is None:
        return "one pass, as the config's test pipeline says"
    if rule.upsampling == "class_map":
        return (
            "one pass, as the config's test pipeline says; its map of classes is resized to the image, not its logits"
        )
    scales = ", ".join(f"{scale:g}" for scale in rule.scales)
    parts = [f"scale{'s' if len(rule.scales) > 1 else ''} {scales}", *(["with mirror images"] if rule.flip else [])]
    if rule.window is not None:
        window = rule.window
        parts.append(f"in square windows of {window.crop}, {window.stride} apart, overlaps {window.overlaps}")
    return "; ".join(parts)


def scales(rule: Inference | None) -> str:
    """The scales of a protocol in the fewest words."""
    if rule is None:
        return "1"
    return f"{len(rule.scales)}{', mirrored' if rule.flip else ''}"


def metric(name: str) -> str:
    """A metric in words, such as `IoU of traffic light` for `class_iou.traffic_light`.

    Raises:
        SegReproError: there are no words for it.
    """
    named, _, other = name.partition("_vs:")
    quantity, _, of = named.partition(".")
    words = _words(METRICS, quantity, "metric")
    if of:
        words = words.replace("a class", of.replace("_", " "))
    return f"{words} against {'a network that is not named' if other == NOT_NAMED else other}" if other else words


def stated_field(name: str) -> str:
    """A field of what a paper states about its protocol, in words.

    Raises:
        SegReproError: there are no words for it.
    """
    return _words(STATED, name, "protocol")


def _words(known: Mapping[str, str], name: str, field: str) -> str:
    if name not in known:
        raise SegReproError(
            f"{field} of a claim: found {name!r}; expected one that reports/pages/wording.py has words for:"
            f" {', '.join(known)}. Correct it in data_manifests/papers, or add words for it"
        )
    return known[name]


def stated(value: ProtocolValue) -> str:
    """What a paper states about its protocol, as a reader sees it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def number(value: float | None, unit: str) -> str:
    """A measured number with the usual number of digits of its unit; a dash for None."""
    return "\N{EN DASH}" if value is None else f"{value:.{DECIMALS.get(unit, 2)}f}"


def mebibytes(count: int | None) -> str:
    """A number of bytes in MiB; an empty string for None."""
    return "" if count is None else f"{count / 2**20:,.1f}"


def signed(value: float, unit: str) -> str:
    """A difference with its sign; percent with one more decimal than the numbers themselves."""
    decimals = {"percent": 3}.get(unit, DECIMALS.get(unit, 2))
    return f"{value:+.{decimals}f}".replace("-", "\N{MINUS SIGN}")
