"""The examples in the docstrings hold, of modules without LocalStack and moto."""

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize("module", ["batches", "images", "projections", "refusals", "sizes", "stream", "ttl"])
def test_examples_hold(module: str) -> None:
    """Each module has at least one."""
    results = doctest.testmod(import_module(f"localstack.providers.dynamodb.{module}"))
    assert results.attempted > 0
    assert results.failed == 0
