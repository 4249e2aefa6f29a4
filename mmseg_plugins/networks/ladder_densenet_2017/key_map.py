"""Names of the ladder networks' weights in the reference fixtures; the authors released no weights."""

import re
from collections.abc import Collection

from mmseg_plugins.networks.official_weights import renamed

RUNGS = {
    0: (),
    1: ("tu1",),
    3: ("tu3", "tu2", "tu1"),
    4: ("tu4", "tu3", "tu2", "tu1"),
    5: ("tu4", "tu3", "tu3a", "tu2", "tu1"),
}
"""Names of the transition-up blocks by their number, the coarsest first; each is named after the block it takes up."""
_RENAMED = (
    (r"^backbone\.", ""),
    (r"^neck\.", "head."),
    (r"^decode_head\.conv_seg\.", "logits.main."),
    (r"^auxiliary_head\.conv_seg\.", "logits.aux."),
)
_RUNG = re.compile(r"^decode_head\.ladder\.(\d+)\.")


def official_names(names: Collection[str]) -> dict[str, str]:
    """Maps names of our state dict to those of the fixtures.

    Args:
        names: every name of the state dict of an `EncoderDecoder` with `LadderHead2017` or `LadderResNetHead2017`.

    Returns:
        Our name to the fixtures' name, in the order given.
    """
    rungs = RUNGS[len({match[1] for name in names if (match := _RUNG.match(name))})]
    return {name: renamed(_RUNG.sub(lambda match: f"ladder.{rungs[int(match[1])]}.", name), _RENAMED) for name in names}
