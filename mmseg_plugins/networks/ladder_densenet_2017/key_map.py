"""Names of the ladder networks' weights in the reference fixtures; the authors released no weights."""

from collections.abc import Collection

from mmseg_plugins.networks.official_weights import renamed

_RENAMED = (
    (r"^backbone\.", ""),
    (r"^neck\.", "head."),
    (r"^decode_head\.conv_seg\.", "logits.main."),
    (r"^auxiliary_head\.conv_seg\.", "logits.aux."),
)
_LADDERS = {
    len(rungs): tuple((rf"^decode_head\.ladder\.{number}\.", f"ladder.{rung}.") for number, rung in enumerate(rungs))
    for rungs in (
        (),
        ("tu1",),
        ("tu3", "tu2", "tu1"),
        ("tu4", "tu3", "tu2", "tu1"),
        ("tu4", "tu3", "tu3a", "tu2", "tu1"),
    )
}
"""By their number, the transition-up blocks, the coarsest first; each is named after the block that it takes up."""


def official_names(names: Collection[str]) -> dict[str, str]:
    """Maps names of our state dict to those of the fixtures.

    Args:
        names: every name of the state dict of an `EncoderDecoder` with `LadderHead2017` or `LadderResNetHead2017`.

    Returns:
        Our name to the fixtures' name, in the order given.
    """
    rungs = {name.split(".")[2] for name in names if name.startswith("decode_head.ladder.")}
    rules = _RENAMED + _LADDERS[len(rungs)]
    return {name: renamed(name, rules) for name in names}
