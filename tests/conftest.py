"""What holds for every test."""

import pytest
import torch


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Random weights and inputs are the same in every run, whichever tests run before."""
    torch.manual_seed(0)
