"""Speed and memory of the suite beside what one would use instead, on the CPU."""

import os

# Before anything imports MMEngine, which looks for a GPU at once and would put only its own networks there.
os.environ["CUDA_VISIBLE_DEVICES"] = ""
