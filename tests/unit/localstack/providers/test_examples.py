"""The examples in the cloud's docstrings hold; modules that import LocalStack are left out."""

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "kinesis.limits",
        "kinesis.sequence",
        "kinesis.shard",
        "lambda_mapping.window",
        "lambda_runtime.metrics",
        "lambda_runtime.report",
    ],
)
def test_examples_hold(module: str) -> None:
    """Each module has at least one."""
    results = doctest.testmod(import_module(f"localstack.providers.{module}"))
    assert results.attempted > 0
    assert results.failed == 0
