"""The README's table of speeds, made from the benchmarks' JSON files so that nobody types a number."""

import json
from pathlib import Path
from typing import Annotated

from typer import Option

from segrepro.atomic import atomic_write
from segrepro.errors import SegReproError
from workflow.command_line import run

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- benchmarks: written by python -m benchmarks.readme -->\n", "<!-- end of benchmarks -->\n"


def table(folder: Path) -> str:
    """Lists the ratios of the benchmarks measured on one machine as Markdown.

    Args:
        folder: `<benchmark>.json`, as the benchmarks write them; those of earlier versions may not say how many threads
            PyTorch had.
    """
    measured = {file.stem: json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))}
    lines = ["| benchmark | ratio | median | lowest to highest | PyTorch's threads |", "|---|---|---|---|---|"]
    lines += [
        f"| `{name}` | {what} | {spread['median']:.2f} | {spread['low']:.2f} to {spread['high']:.2f} |"
        f" {results.get('threads', 'not recorded')} |"
        for name, results in measured.items()
        for what, spread in results["ratios"].items()
    ]
    machines = sorted({f"{m['hardware']['name']}, {m['hardware']['cpu_cores']} cores" for m in measured.values()})
    return "\n".join(lines) + f"\n\nMeasured on: {'; '.join(machines)}.\n"


def with_table(text: str, content: str) -> str:
    """Puts the table between its two marks.

    Raises:
        SegReproError: the marks are not there, once and in order.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SegReproError(f"README.md: found no place for the table; expected the lines {BEGIN!r} and {END!r}")
    return before + BEGIN + content + END + after


def main(
    folder: Annotated[Path, Option(help="measured JSON files of one machine")] = (
        ROOT / "benchmarks/measured/amd-epyc-2-cores"
    ),
    readme: Annotated[Path, Option(help="file to rewrite")] = ROOT / "README.md",
) -> None:
    """Writes the table of speeds into the README."""
    atomic_write(readme, with_table(readme.read_text(encoding="utf-8"), table(folder)))


if __name__ == "__main__":
    run(main)
