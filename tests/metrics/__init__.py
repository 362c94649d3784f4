"""Tests of `xcnn_widgets/metrics/`."""
