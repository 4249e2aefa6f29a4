"""Facts about papers, datasets and weights, and the typed loader that validates them.

Everything here is plain data: no torch, no network, no knowledge of how the facts are used.
"""
