"""Names of the weights in the authors' files: the Caffe layers' names."""

import re
from collections.abc import Collection


def official_names(names: Collection[str]) -> dict[str, str]:
    """Maps names of our state dict to the authors'.

    Args:
        names: every name of the state dict of an `EncoderDecoder` with `FCN2sHead` or `FCN8sHead`.

    Returns:
        Our name to the authors' name, in the order given.
    """
    last = "upscore_2" if any(".fusions.pool1." in name for name in names) else "upscore8"
    return {name: _official_name(name, last) for name in names}


def _official_name(name: str, last: str) -> str:
    name = re.sub(r"^backbone\.stages\.(\d)\.(\d)\.", lambda m: f"conv{int(m[1]) + 1}_{int(m[2]) // 2 + 1}.", name)
    name = re.sub(r"^backbone\.(fc\d)\.0\.", r"\1.", name)
    # An upsampling has the name of its input, which is the output of the previous fusion.
    name = re.sub(r"^decode_head\.fusions\.pool4\.up\.", "upscore2.", name)
    name = re.sub(r"^decode_head\.fusions\.pool(\d)\.up\.", lambda m: f"upscore_pool{int(m[1]) + 1}.", name)
    name = re.sub(r"^decode_head\.fusions\.(pool\d)\.(scale|score)\.", r"\2_\1.", name)
    return name.replace("decode_head.score_fr.", "score_fr.").replace("decode_head.conv_seg.", f"{last}.")
