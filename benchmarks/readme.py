"""What the texts say about speed, made from the benchmarks' JSON files so that nobody types a number."""

import json
from pathlib import Path
from typing import Annotated, Any

from typer import Option

from segrepro.atomic import atomic_write
from segrepro.errors import SegReproError
from workflow.command_line import run

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- benchmarks: written by python -m benchmarks.readme -->\n", "<!-- end of benchmarks -->\n"
HIGHLIGHTS = {
    ("evaluation_throughput", "MMSegmentation's test loop / suite"): "an evaluation, beside MMSegmentation's test loop",
    ("multi_scale", "SegTTAModel / suite: six scales and flip, and one scale"): (
        "an evaluation at six scales with mirror images, beside its `SegTTAModel`"
    ),
    (
        "metric_cost",
        "cityscapesscripts: confusion and instances / suite: confusion and instances",
    ): "counting pixels and instances of Cityscapes, beside its owner's scripts",
}
"""The ratios that the README names, by benchmark and the beginning of their label, in words."""


def read(folder: Path) -> dict[str, Any]:
    """The benchmarks measured on one machine, by name.

    Args:
        folder: `<benchmark>.json`, as the benchmarks write them.
    """
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))}


def table(measured: dict[str, Any]) -> str:
    """Lists all ratios as Markdown.

    Args:
        measured: benchmarks by name; those of earlier versions may not say how many threads PyTorch had.
    """
    lines = ["| benchmark | ratio | median | lowest to highest | PyTorch's threads |", "|---|---|---|---|---|"]
    lines += [
        f"| `{name}` | {what} | {spread['median']:.2f} | {spread['low']:.2f} to {spread['high']:.2f} |"
        f" {results.get('threads', 'not recorded')} |"
        for name, results in measured.items()
        for what, spread in results["ratios"].items()
    ]
    return "\n".join(lines) + f"\n\nMeasured on: {_machines(measured)}.\n"


def highlights(measured: dict[str, Any]) -> str:
    """Lists the ratios of `HIGHLIGHTS` as Markdown.

    Raises:
        SegReproError: one of them was not measured, or has several labels that begin alike.
    """
    lines = []
    for (name, label), words in HIGHLIGHTS.items():
        ratios = measured.get(name, {"ratios": {}})["ratios"]
        found = [spread for what, spread in ratios.items() if what.partition(" (")[0] == label]
        if len(found) != 1:
            raise SegReproError(
                f"{name}.json: ratios: found {len(found)} named {label!r}; expected one. Run the benchmark again, or"
                " correct HIGHLIGHTS in benchmarks/readme.py"
            )
        (spread,) = found
        median, low, high = (f"{spread[part]:.1f}" for part in ("median", "low", "high"))
        lines.append(f"- **{median} times as fast**: {words} ({low} to {high})")
    return "\n".join(lines) + f"\n\nMeasured on: {_machines(measured)}.\n"


def _machines(measured: dict[str, Any]) -> str:
    hardware = [results["hardware"] for results in measured.values()]
    return "; ".join(sorted({f"{machine['name']}, {machine['cpu_cores']} cores" for machine in hardware}))


def replaced(text: str, content: str, file: str) -> str:
    """Puts content between the two marks of a text.

    Args:
        text: with the marks.
        content: what shall stand between them.
        file: the text's, for the message.

    Raises:
        SegReproError: the marks are not there, once and in order.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SegReproError(f"{file}: found no place for the numbers; expected the lines {BEGIN!r} and {END!r}")
    return before + BEGIN + content + END + after


def main(
    folder: Annotated[Path, Option(help="measured JSON files of one machine")] = (
        ROOT / "benchmarks/measured/two-cores"
    ),
    root: Annotated[Path, Option(help="of the texts to rewrite: README.md and benchmarks/README.md")] = ROOT,
) -> None:
    """Writes three ratios into the README, and all of them into that of the benchmarks."""
    measured = read(folder)
    written = {"README.md": highlights(measured), "benchmarks/README.md": table(measured)}
    texts = {name: replaced((root / name).read_text(encoding="utf-8"), part, name) for name, part in written.items()}
    for name, text in texts.items():
        atomic_write(root / name, text)


if __name__ == "__main__":
    run(main)
