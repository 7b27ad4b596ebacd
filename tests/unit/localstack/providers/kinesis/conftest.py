"""The engine as a fixture."""

from tests.support.kinesis import kinesis

__all__ = ["kinesis"]
