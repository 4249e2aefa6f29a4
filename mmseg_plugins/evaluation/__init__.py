"""Prediction of a split, pixel counts, and the scores and intervals that are computed from them."""
