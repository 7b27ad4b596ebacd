"""Where the logs of a run's driver go, at the end of each attempt: S3, CloudWatch Logs, or both.

Source: AWS, EMR Serverless User Guide, "Storing logs".
"""

import gzip
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from localstack.providers.emr_serverless.records import Run

LOG_TYPES = ("STDOUT", "STDERR")
"""Of the driver, in CloudWatch's words; its files are called so too, in small letters."""

DEFAULT_GROUP = "/aws/emr-serverless"
_BATCH_EVENTS, _BATCH_BYTES, _EVENT_BYTES = 10_000, 1_000_000, 250_000
_OVERHEAD_BYTES = 26
"""CloudWatch's limits of a request, of an event, and what it counts beside an event's text."""


class DriverLogs:
    """Puts logs away."""

    def __init__(self, s3: Any, cloudwatch: Any) -> None:
        """Take a client of S3 and one of CloudWatch Logs."""
        self._s3 = s3
        self._cloudwatch = cloudwatch

    def put(self, run: Run, folder: Path) -> str:
        """Put the logs in a folder where a run wants them, and return what went wrong."""
        logs = {each: folder / each.lower() for each in LOG_TYPES}
        found = {name: path.read_bytes() if path.exists() else b"" for name, path in logs.items()}
        told = []
        if log_uri := (run.monitoring.get("s3MonitoringConfiguration") or {}).get("logUri"):
            told.append(self._to_s3(run, log_uri, found))
        cloudwatch = run.monitoring.get("cloudWatchLoggingConfiguration") or {}
        if cloudwatch.get("enabled"):
            told.append(self._to_cloudwatch(run, cloudwatch, found))
        return " ".join(filter(None, told))

    def _to_s3(self, run: Run, log_uri: str, logs: Mapping[str, bytes]) -> str:
        parts = urlsplit(log_uri)
        try:
            for name, text in logs.items():
                key = f"{parts.path.strip('/')}/{_place(run, name)}.gz".lstrip("/")
                self._s3.put_object(Bucket=parts.netloc, Key=key, Body=gzip.compress(text))
        except (BotoCoreError, ClientError) as error:
            return f"Its logs could not be written to {log_uri}: {error}"
        return ""

    def _to_cloudwatch(self, run: Run, asked: Mapping[str, Any], logs: Mapping[str, bytes]) -> str:
        group = asked.get("logGroupName") or DEFAULT_GROUP
        wanted = (asked.get("logTypes") or {}).get("SPARK_DRIVER", LOG_TYPES)
        try:
            self._create(self._cloudwatch.create_log_group, logGroupName=group)
            for name in wanted:
                prefix = asked.get("logStreamNamePrefix") or ""
                stream = "/".join(filter(None, (prefix.strip("/"), _place(run, name))))
                self._create(self._cloudwatch.create_log_stream, logGroupName=group, logStreamName=stream)
                for batch in _batches(logs[name], int(time.time() * 1000)):
                    self._cloudwatch.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch)
        except (BotoCoreError, ClientError) as error:
            return f"Its logs could not be written to CloudWatch's {group}: {error}"
        return ""

    def _create(self, create: Any, **named: str) -> None:
        with suppress(self._cloudwatch.exceptions.ResourceAlreadyExistsException):
            create(**named)


def _place(run: Run, name: str) -> str:
    return f"applications/{run.application.id}/jobs/{run.id}/SPARK_DRIVER/{name.lower()}"


def _batches(text: bytes, now: int) -> Iterator[list[dict[str, Any]]]:
    """Yield a log's lines as events, in requests that CloudWatch takes; it takes no empty line."""
    batch: list[dict[str, Any]] = []
    size = 0
    for line in filter(None, (each.rstrip() for each in text.splitlines())):
        message = line[:_EVENT_BYTES].decode("utf-8", "replace")
        needed = len(message.encode()) + _OVERHEAD_BYTES
        if batch and (len(batch) == _BATCH_EVENTS or size + needed > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append({"timestamp": now, "message": message})
        size += needed
    if batch:
        yield batch
