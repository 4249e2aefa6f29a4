"""What the workflow must know of an MMSegmentation config, without importing MMEngine (two seconds)."""

import ast
from pathlib import Path

from mmseg_plugins.runtime.computing_code import config_files
from segrepro.errors import SegReproError


def base_files(config: Path) -> list[str]:
    """Lists a config and, depth first, every file of the project that it names in `_base_`.

    Args:
        config: a Python config file; it need not exist yet.

    Returns:
        Paths as text, the config itself first, each file once. Bases from an installed library (`mmseg::...`) are left
        out.
    """
    if not config.is_file():
        return [str(config)]
    _, *bases = config_files(config.absolute())
    return [str(config), *(str(base.relative_to(Path.cwd())) for base in bases)]


def load_from(config: Path) -> str | None:
    """Finds the weights of an earlier stage that a training starts from.

    Args:
        config: a Python config file; it need not exist yet.

    Returns:
        What the config says in `load_from`, or else the nearest of its bases; None where that is None or nothing.

    Raises:
        SegReproError: `load_from` is something else than a text or None written out.
    """
    for file in base_files(config):
        expression = _assigned(Path(file), "load_from")
        if expression is not None:
            if isinstance(expression, ast.Constant) and isinstance(expression.value, str | None):
                return expression.value
            raise SegReproError(
                f"{file}: load_from: found {ast.unparse(expression)}; expected None or a path in quotation marks,"
                " because the workflow reads it without running the config. Write the path out"
            )
    return None


def earlier_stage(stated: str | None, seed: int) -> str | None:
    """Finds the weights that a training with a seed starts from: those of the earlier stage with the same seed.

    Args:
        stated: the weights of seed 0, as `load_from` finds them; None where a training starts from none.
        seed: of the training.
    """
    return None if stated is None else stated.replace("/seed0/", f"/seed{seed}/")


def _assigned(config: Path, name: str) -> ast.expr | None:
    """The expression that a file last assigns to a top-level name."""
    text = config.read_text(encoding="utf-8") if config.is_file() else ""
    found = None
    for statement in ast.parse(text).body if name in text else []:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in statement.targets
        ):
            found = statement.value
    return found
