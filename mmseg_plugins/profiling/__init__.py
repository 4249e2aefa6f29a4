"""The cost of a network: size, speed and memory."""
