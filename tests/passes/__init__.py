"""Tests of `xcnn_widgets/passes/`."""
