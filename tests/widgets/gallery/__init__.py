"""Tests of `xcnn_widgets/widgets/gallery/`."""
