"""Datasets in the layout that configs read; one file for each dataset."""
