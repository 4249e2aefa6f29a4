"""synthcity: street scenes drawn by code, in the layout of Cityscapes.

All arithmetic is on integers and all randomness comes from a seed, so that every machine draws the same files.
"""

from .dataset import draw

__all__ = ["draw"]
