"""Tests of `xcnn_widgets/pages/`."""
