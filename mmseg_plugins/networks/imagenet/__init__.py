"""Backbones that start from weights trained on ImageNet; importing this package registers their initialiser."""

from .imagenet_init import ImageNetInit

__all__ = ["ImageNetInit"]
