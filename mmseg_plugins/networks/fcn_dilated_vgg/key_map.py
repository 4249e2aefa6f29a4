"""Names of the weights in the authors' files: the Caffe layers' names."""

from collections.abc import Collection

from mmseg_plugins.networks.official_weights import renamed

_RENAMED = (
    # Between two convolutions of a stage stands a ReLU.
    *((rf"^backbone\.stages\.{i}\.{2 * j}\.", f"conv{i + 1}_{j + 1}.") for i in range(5) for j in range(4)),
    (r"^backbone\.(fc\d)\.0\.", r"\1."),
    # An upsampling has the name of its input, which is the output of the previous fusion.
    (r"^decode_head\.fusions\.pool4\.up\.", "upscore2."),
    *((rf"^decode_head\.fusions\.pool{i}\.up\.", f"upscore_pool{i + 1}.") for i in (3, 2, 1)),
    (r"^decode_head\.fusions\.(pool\d)\.(scale|score)\.", r"\2_\1."),
    (r"^decode_head\.score_fr\.", "score_fr."),
)
_FCN_2S = ((r"^decode_head\.conv_seg\.", "upscore_2."),)
_FCN_8S = ((r"^decode_head\.conv_seg\.", "upscore8."),)


def official_names(names: Collection[str]) -> dict[str, str]:
    """Maps names of our state dict to the authors'.

    Args:
        names: every name of the state dict of an `EncoderDecoder` with `FCN2sHead` or `FCN8sHead`.

    Returns:
        Our name to the authors' name, in the order given.
    """
    is_fcn_2s = any(name.startswith("decode_head.fusions.pool1.") for name in names)
    rules = _RENAMED + (_FCN_2S if is_fcn_2s else _FCN_8S)
    return {name: renamed(name, rules) for name in names}
