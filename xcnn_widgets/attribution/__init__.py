"""Tensors in, tensors out: the recorded forward pass and the methods that ask it."""
