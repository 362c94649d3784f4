"""The only folder that knows ipywidgets."""
