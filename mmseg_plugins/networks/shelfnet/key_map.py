"""Names of ShelfNet's weights in the authors' files."""

from collections.abc import Collection

from mmseg_plugins.networks.official_weights import renamed

_SHELF = (
    (r"\.shared_conv\.", ".conv1."),
    (r"\.(unused|first)\.", ".inconv."),
    (r"\.down_blocks\.", ".down_module_list."),
    (r"\.down_convs\.", ".down_conv_list."),
    (r"\.up\.", ".up_conv_list."),
    (r"\.fuse\.", ".up_dense_list."),
)
_LIGHTWEIGHT = (
    *((rf"^neck\.laterals\.{level}\.", f"trans{level + 1}.") for level in range(3)),
    (r"^neck\.", ""),
    (r"^decode_head\.", "conv_out."),
    (r"^auxiliary_head\.0\.", "conv_out16."),
    (r"^auxiliary_head\.1\.", "conv_out32."),
    (r"\.conv_seg\.", ".conv_out."),
)
_ORIGINAL = (
    (r"^backbone\.", "pretrained."),
    *((rf"^neck\.lateral_convs\.{level}\.", f"head.conv{level + 1}.") for level in range(4)),
    *((rf"^neck\.lateral_norms\.{level}\.", f"head.bn{level + 1}.") for level in range(4)),
    (r"^neck\.", "head."),
    (r"^decode_head\.conv_seg\.", "head.final."),
    (r"^auxiliary_head\.0\.conv_seg\.", "head.selayer."),
    (r"^auxiliary_head\.1\.conv\.", "auxlayer.conv5.0."),
    (r"^auxiliary_head\.1\.bn\.", "auxlayer.conv5.1."),
    (r"^auxiliary_head\.1\.conv_seg\.", "auxlayer.conv5.4."),
)


def official_names(names: Collection[str]) -> dict[str, str]:
    """Maps names of our state dict to the authors'.

    Args:
        names: every name of the state dict of an `EncoderDecoder` with `ShelfNetNeck` or `ShelfNetLWNeck`. Auxiliary
            heads are in the authors' order: 1/16 then 1/32 of ShelfNet-lw, presence of classes then 1/16 of ShelfNet.

    Returns:
        Our name to the authors' name, in the order given.
    """
    is_original = any(name.startswith("neck.lateral_convs.") for name in names)
    rules = _SHELF + (_ORIGINAL if is_original else _LIGHTWEIGHT)
    return {name: renamed(name, rules) for name in names}
