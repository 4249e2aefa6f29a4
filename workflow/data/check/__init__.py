"""Whether a prepared dataset is what its manifest says."""
