"""Programs: the only place that reads a command line, reads evidence and facts, and writes files."""
