"""Typed shapes of every YAML and JSON file of the suite."""
