"""Tests of `xcnn_widgets/methods/`."""
