"""The circumstances of a run: device, provenance and output of libraries."""
