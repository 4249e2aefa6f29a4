"""What is wrong on a command line is refused before any work, in one message, in every program."""

import importlib
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints

import pytest
import typer

from workflow import command_line, options

PROJECT = Path(__file__).resolve().parents[1]
PROGRAMS = sorted(path.stem for path in (PROJECT / "workflow/scripts").glob("[!_]*.py"))
RIGHT = {
    "config": str(PROJECT / "mmseg_plugins/configs/camvid/espnet_p2q8.py"),
    "dataset": "camvid",
    "model": "espnet_p2q8",
    "route": "official",
    "weights": str(PROJECT / "README.md"),
    "comparison": "some-comparison",
}
WRONG = {
    "seed": {
        "-1": "--seed: found -1; expected a whole number from 0 to 4294967295",
        "4294967296": "--seed: found 4294967296; expected a whole number from 0 to 4294967295",
    },
    "model": {"../Net": "--model: found '../Net'; expected a name of lower-case letters"},
    "comparison": {"A b": "--comparison: found 'A b'; expected a name of lower-case letters"},
    "dataset": {"nowhere": r"datasets/nowhere\.yaml: no such file; found in the same folder: .*camvid"},
    "config": {"none.py": r"file 'none\.py' does not exist", "folder": "file 'folder' is a directory"},
    "weights": {"none.pth": r"file 'none\.pth' does not exist", "folder": "file 'folder' is a directory"},
    "out": {
        "file/out": r"file(/out)?: cannot be (opened|read or written) \(Not a directory\)",
        "link/out": "link: found a link to nowhere, where nothing is",
        "x" * 300: r"File name too long",
    },
    "device": {"tpu": "--device: found tpu; expected cpu or cuda"},
    "route": {"bought": "'bought' is not one of 'official', 'retrained', 'untrained'"},
    "seconds": {"-1": "Invalid value for '--seconds': Input should be greater than or equal to 0"},
}
WRONG["out_dir"] = WRONG["work_dir"] = WRONG["evidence"] = WRONG["label_ids"] = WRONG["out"]


def parameters(program: str) -> dict[str, object]:
    main = importlib.import_module(f"workflow.scripts.{program}").main
    return {name: hint for name, hint in get_type_hints(main, include_extras=True).items() if name != "return"}


def required(program: str) -> list[str]:
    """Right options, so that a wrong one is the only thing that is wrong."""
    named = []
    defaults = importlib.import_module(f"workflow.scripts.{program}").main.__defaults__ or ()
    without_default = [*parameters(program)][: len(parameters(program)) - len(defaults)]
    for name in without_default:
        value = RIGHT.get(name, f"made/{name}")
        named += [f"--{name.replace('_', '-')}", value]
    return named


CASES = [
    (program, name, wrong, said)
    for program in PROGRAMS
    for name in parameters(program)
    for wrong, said in WRONG.get(name, {}).items()
    # Evidence of report.py is read, prepare.py keeps what a person placed in its folder.
    if (program, name) not in {("report", "evidence"), ("prepare", "out"), ("export_schemas", "out")}
    # These ask what they read for what they need first, which these tests have none of.
    and (name != "device" or program not in {"submit", "sensitivity"})
]


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a program in an empty folder with one wrong option; returns its message."""
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")

    def run(program: str, name: str, wrong: str) -> str:
        given = [*required(program), f"--{name.replace('_', '-')}", wrong]
        monkeypatch.setattr(sys, "argv", [f"{program}.py", *given])
        with pytest.raises(SystemExit) as ended:
            command_line.run(importlib.import_module(f"workflow.scripts.{program}").main)
        assert ended.value.code
        assert sorted(path for path in tmp_path.rglob("*") if "disk" not in path.name) == before
        # Typer draws a box around what it refuses itself, and breaks its lines.
        return re.sub(r"[\s│╭╮╰╯─]+", " ", capsys.readouterr().err)

    return run


@pytest.mark.parametrize(("program", "name", "wrong", "said"), CASES)
def test_a_wrong_option_is_refused_before_any_work(program, name, wrong, said, refused) -> None:
    message = refused(program, name, wrong)
    assert re.search(said, message), message
    assert "Traceback" not in message


def test_every_program_of_a_run_is_among_them() -> None:
    tried = {(program, name) for program, name, *_ in CASES}
    for program in ("train", "predict", "sensitivity", "profile_model", "measure_efficiency"):
        assert {(program, name) for name in ("model", "seed", "dataset", "config")} <= tried


def test_every_option_of_a_name_is_the_one_that_is_checked() -> None:
    """A program that declares such an option by itself would leave it unchecked."""
    for program in PROGRAMS:
        for name in parameters(program).keys() & {"model", "seed", "config", "dataset"}:
            assert parameters(program)[name] == getattr(options, name.capitalize()), (program, name)


def test_every_path_to_write_is_checked() -> None:
    for program in set(PROGRAMS) - {"prepare", "export_schemas"}:
        for name, hint in parameters(program).items():
            if name in ("out", "out_dir", "work_dir", "label_ids") or (program, name) == ("train", "evidence"):
                declared = [part for part in get_args(hint) if isinstance(part, typer.models.OptionInfo)]
                assert get_origin(hint) is Annotated
                assert declared[0].callback is not None, (program, name)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a disk of its own")
def test_a_disk_that_can_only_be_read_is_refused_first(disk, refused) -> None:
    folder = disk("size=1m", fill=lambda folder: None)
    assert "Read-only file system" in refused("score", "out", str(folder / "evaluation.json"))


BAD_CONFIGS = {
    "text.txt": ("a text", r"text\.txt: found a file that cannot be read as a config"),
    "syntax.py": ("model = dict(", r"syntax\.py: found a file that cannot be read as a config"),
    "base.py": ('_base_ = "./none.py"', r"base\.py: found a file that cannot be read as a config"),
    "nothing.py": ("seed = 1", r"nothing\.py: model: found none; expected a config of MMSegmentation"),
}


@pytest.mark.parametrize("name", BAD_CONFIGS)
@pytest.mark.parametrize("program", ["initialise", "profile_model", "measure_efficiency", "train", "predict"])
def test_a_file_that_is_no_config_is_refused(program, name, refused, tmp_path_factory) -> None:
    content, said = BAD_CONFIGS[name]
    file = tmp_path_factory.mktemp("configs") / name
    file.write_text(content)
    message = refused(program, "config", str(file))
    assert re.search(said, message), message
    assert "Traceback" not in message
