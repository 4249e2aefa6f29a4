"""Where a program runs: device, provenance, and a terminal for our own words."""
