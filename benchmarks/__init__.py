"""Speed and memory of the suite beside what one would use instead."""
