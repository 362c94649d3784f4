"""Tests of `xcnn_widgets/study/`."""
