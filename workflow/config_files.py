"""Which files an MMSegmentation config is composed of, without importing MMEngine (two seconds)."""

import ast
from pathlib import Path


def base_files(config: Path) -> list[str]:
    """Lists a config and, depth first, every file that it names in `_base_`.

    Args:
        config: a Python config file; it need not exist yet.

    Returns:
        Paths as text, the config itself first, each file once.
    """
    found = [str(config)]
    if not config.is_file():
        return found
    for statement in ast.parse(config.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "_base_" for target in statement.targets
        ):
            bases = ast.literal_eval(statement.value)
            for base in [bases] if isinstance(bases, str) else bases:
                resolved = (config.parent / base).resolve().relative_to(Path.cwd())
                found += [file for file in base_files(resolved) if file not in found]
    return found
