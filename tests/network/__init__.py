"""Tests of `xcnn_widgets/network/`."""
