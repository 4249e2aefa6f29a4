"""Facts about the outside world, and the typed loader that validates them.

Everything here is plain data: no torch, no network, no knowledge of how the facts are used.
"""
