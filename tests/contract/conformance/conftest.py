"""The suite's fixtures, and its marker."""

import pytest

from tests.support.documented import endpoint, kinesis, stream

__all__ = ["endpoint", "kinesis", "stream"]


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker that names a page of AWS's documentation."""
    config.addinivalue_line("markers", "documented(page): the page that states the fact")
