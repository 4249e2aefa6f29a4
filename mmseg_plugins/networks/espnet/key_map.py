"""Names of ESPNet's weights in the authors' files."""

from collections.abc import Collection

from mmseg_plugins.networks.official_weights import renamed

_RENAMED = (
    (r"\.reduce\.", ".c1.conv."),
    (r"\.branches\.(d\d+)\.", r".\1.conv."),
    (r"^(backbone\.level\d_0)\.norm_act\.", r"\1."),
    (r"\.norm_act\.", ".bn."),
    (r"^decode_head\.classify_l3\.", "backbone.classifier.conv."),
    (r"^decode_head\.classify_l2\.", "level3_C.conv."),
    (r"^decode_head\.norm_l3\.", "br."),
    (r"^decode_head\.fuse_l1\.", "conv."),
    (r"^decode_head\.up_l3\.", "up_l3.0."),
)
_ESPNET = ((r"^backbone\.", "encoder."), (r"^decode_head\.conv_seg\.", "classifier."), (r"^decode_head\.", ""))
_ESPNET_C = ((r"^backbone\.", ""), (r"^decode_head\.conv_seg\.", "classifier.conv."))


def official_names(names: Collection[str]) -> dict[str, str]:
    """Maps names of our state dict to the authors'.

    Args:
        names: every name of the state dict of an `EncoderDecoder` with `ESPNetHead` or `ESPNetCHead`.

    Returns:
        Our name to the authors' name, in the order given.
    """
    has_decoder = any(name.startswith("decode_head.classify_l3.") for name in names)
    rules = _RENAMED + (_ESPNET if has_decoder else _ESPNET_C)
    return {name: renamed(name, rules) for name in names}
