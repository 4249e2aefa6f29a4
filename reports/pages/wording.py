"""Words and number formats of the pages, so that no field name of the suite has to be learnt to read one."""

from data_manifests.schemas.protocol import Inference
from data_manifests.schemas.suite import Cost
from reports.judging.evidence import COUNTED
from reports.judging.verdicts import SIGNS, Verdict

METRICS = {
    "miou": "mIoU",
    "miou_delta": "mIoU, difference",
    "category_miou": "category mIoU",
    "iiou": "iIoU",
    "category_iiou": "category iIoU",
    "class_avg_accuracy": "class average accuracy",
    "pixel_accuracy": "pixel accuracy",
    "params_m": "parameters",
    "fps": "frames per second",
    "speedup": "times as fast",
    "size_ratio": "times smaller",
    "train_memory_reduction": "less training memory",
    "activation_memory_reduction": "less memory for saved activations",
}
ROUTES = {
    "official": "the authors' weights",
    "retrained": "trained here",
    "untrained": "untrained",
    "test_server": "scored by the owner's server",
}
PLACES = {"percent": 2, "fraction": 4, "million": 6}
VERDICTS: dict[Verdict, tuple[str, str]] = {
    "reproduced": ("✓", "the measurement is within the tolerance of the claim"),
    "close": ("≈", "outside the tolerance, within the wider one"),
    "differs": ("✗", "outside both tolerances"),
    "not comparable": ("≠", "the two numbers do not mean the same thing"),
    "not run": ("○", "nothing measured to set beside the claim, with the reason"),
    "quoted": ("“", "another method than the paper's own; context, never judged"),
}
QUANTITIES: dict[Cost, tuple[str, str, float]] = {
    "latency": ("latency", "ms", 1),
    "parameters": (COUNTED["parameters"], "million", 1e6),
    "saved_activations": (COUNTED["saved_activations"], "MiB", 2**20),
    "training_memory": (COUNTED["training_memory"], "MiB", 2**20),
}
"""What a comparison of costs compares: in words, its unit, and how much of the evidence's own one unit is."""
SWITCHES = {
    "scoring": "the same predictions, scored otherwise",
    "input": "another image is fed",
    "inference": "predicted at several scales",
}
# Field of a protocol: what it is about, and what its values mean.
RULES = {
    "void": (
        "Pixels whose truth is void",
        {
            "ignored": "not counted",
            "class": "counted: void is one more row and column of the matrix, itself left out of every mean",
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


def inference(rule: Inference | None) -> str:
    """How many passes an image takes under a protocol, in words."""
    if rule is None:
        return "one pass, as the config's test pipeline says"
    scales = ", ".join(f"{scale:g}" for scale in rule.scales)
    parts = [f"scale{'s' if len(rule.scales) > 1 else ''} {scales}", *(["with mirror images"] if rule.flip else [])]
    if rule.window is not None:
        window = rule.window
        parts.append(f"in square windows of {window.crop}, {window.stride} apart, overlaps {window.overlaps}")
    return "; ".join(parts)


def metric(name: str) -> str:
    """A metric in words, such as `IoU of traffic light` for `class_iou.traffic_light`."""
    quantity, _, of = name.partition(".")
    quantity, _, other = quantity.partition("_vs:")
    if quantity == "class_iou":
        return f"IoU of {of.replace('_', ' ')}"
    words = METRICS.get(quantity, quantity.replace("_", " "))
    return f"{words} against {other}" if other else words


def unit(name: str) -> str:
    """A unit as it stands behind a number."""
    return SIGNS.get(name, name)


def number(value: float | None, unit: str) -> str:
    """A measured number with the digits that its unit deserves; a dash for none."""
    return "\N{EN DASH}" if value is None else f"{value:.{PLACES.get(unit, 2)}f}"


def mebibytes(count: int | None) -> str:
    """A number of bytes in MiB; nothing for none."""
    return "" if count is None else f"{count / 2**20:,.1f}"


def signed(value: float, unit: str) -> str:
    """A difference, one decimal finer for percent, with a sign as wide as a digit."""
    places = {"percent": 3}.get(unit, PLACES.get(unit, 2))
    return f"{value:+.{places}f}".replace("-", "\N{MINUS SIGN}")
