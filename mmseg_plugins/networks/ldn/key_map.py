"""Names of Ladder DenseNet's weights in the authors' files."""

from collections.abc import Collection

from mmseg_plugins.networks.official_weights import renamed

_RENAMED = (
    (r"^backbone\.", ""),
    (r"^decode_head\.pyramid\.reduce\.", "spp.spp.spp_bn."),
    (r"^decode_head\.pyramid\.levels\.(\d)\.", r"spp.spp.spp\1."),
    (r"^decode_head\.pyramid\.fuse\.", "spp.spp.spp_fuse."),
    (r"^decode_head\.classify\.", "logits."),
    (r"^decode_head\.stages\.(\d)\.", r"upsample_layers.upsample_\1."),
    (r"\.project_skip\.", ".bottleneck."),
    (r"\.shortcut\.", ".skip_bt."),
    (r"\.classify\.", ".aux_logits."),
    (r"\.narrow\.", ".blend_bt."),
    (r"\.blend\.", ".blend_conv."),
)


def official_names(names: Collection[str]) -> dict[str, str]:
    """Maps names of our state dict to the authors'.

    Args:
        names: every name of the state dict of an `EncoderDecoder` with `LDNHead`.

    Returns:
        Our name to the authors' name, in the order given.
    """
    return {name: renamed(name, _RENAMED) for name in names}
