"""The local cloud's S3 with a lake in it, for as long as it is measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localstack_client.session import Session

from app.stack.settings import StandSettings
from app.stack.stack import Stack
from tests.support.stack import free_port

BUCKET = "bench-lake"


@dataclass(frozen=True, slots=True)
class BenchS3:
    """A lake in S3.

    Attributes:
        endpoint_url: Of the local cloud.
        client: Of its S3.
    """

    endpoint_url: str
    client: Any

    @property
    def uri(self) -> str:
        """Of the lake's root."""
        return f"s3://{BUCKET}"

    def fetched(self, prefix: str, folder: Path) -> Path:
        """Copy objects into a folder, and return it."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{prefix}/")
        for each in (found for page in pages for found in page.get("Contents", ())):
            path = folder / each["Key"].removeprefix(f"{prefix}/")
            if path.suffix == ".parquet":
                path.parent.mkdir(parents=True, exist_ok=True)
                self.client.download_file(BUCKET, each["Key"], str(path))
        return folder


@contextmanager
def s3_with(lake: Path, work: Path) -> Iterator[BenchS3]:
    """Start a local cloud of its own, and put what the jobs read of a lake on the disk into its S3."""
    ports = [free_port() for _ in range(4)]
    stand = StandSettings(
        home=work / "stand",
        port=ports[0],
        warehouse_port=ports[1],
        warehouse_wire_port=ports[2],
        metrics_port=ports[3],
    )
    stack = Stack(stand)
    stack.up()
    try:
        session = Session(localstack_host=f"127.0.0.1:{stand.port}")
        client = session.client("s3", region_name="us-east-1", endpoint_url=stand.endpoint_url)
        client.create_bucket(Bucket=BUCKET)
        for path in sorted((*lake.rglob("events/**/*.parquet"), *lake.rglob("partials/**/*.parquet"))):
            client.upload_file(str(path), BUCKET, path.relative_to(lake).as_posix())
        yield BenchS3(stand.endpoint_url, client)
    finally:
        stack.down()
