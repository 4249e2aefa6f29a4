"""What a network costs: structure, speed and memory, each in a file that says how it is measured."""
