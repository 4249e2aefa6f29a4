# ESPNet: encoder and light decoder. A config sets q, num_classes, the skip's wiring and the input's mean and std.
_base_ = "./espnetc.py"
model = dict(decode_head=dict(type="ESPNetHead", skip="level1"))
