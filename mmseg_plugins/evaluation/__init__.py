"""One pass of a network over a split, and the scores and intervals that its confusion arrays give."""
