"""A Kinesis engine that runs."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from benchmarks import running
from benchmarks.kinesis.peers import STOCK_ENGINES

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient


class Running(running.Running):
    """One engine, asked by one client."""

    kept: ClassVar[tuple[Path, ...]] = (STOCK_ENGINES,)
    client: "KinesisClient"

    def connect(self) -> None:
        """Make the client."""
        self.client = running.client("kinesis", self.port)

    def ask(self) -> None:
        """List streams."""
        self.client.list_streams()
