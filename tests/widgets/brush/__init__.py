"""Tests of `xcnn_widgets/widgets/brush/`."""
