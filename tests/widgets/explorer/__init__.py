"""Tests of `xcnn_widgets/widgets/explorer/`."""
