# What ESPNet takes from the weights of ESPNet-C: all of them. The classifier goes on as the decoder's first scores.
renamed_layers = {"decode_head.conv_seg.": "decode_head.classify_l3."}
new_layers = [
    "decode_head.classify_l2.",
    "decode_head.norm_l3.",
    "decode_head.up_l3.",
    "decode_head.combine_l2_l3.",
    "decode_head.up_l2.",
    "decode_head.fuse_l1.",
    "decode_head.conv_seg.",
]
