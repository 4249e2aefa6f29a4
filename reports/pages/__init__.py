"""Rows and evidence as pages: views, templates, styles, charts."""
