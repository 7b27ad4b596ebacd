"""The cloud's only reader of the environment; the stand sets these when it starts LocalStack."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KINESIS_FOLDER = "MILLRACE_KINESIS_FOLDER"
REDSHIFT_DATA_URL = "MILLRACE_REDSHIFT_DATA_URL"


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """Where the providers keep and find things.

    Attributes:
        kinesis_folder: Of the streams and their records.
        is_kinesis_fsync: Whether a put waits until its records are on the device.
        redshift_data_url: Of the warehouse; None where it is not set.
        is_kinesis_ours: Whether Kinesis is this project's engine.
    """

    kinesis_folder: Path
    is_kinesis_fsync: bool
    redshift_data_url: str | None
    is_kinesis_ours: bool

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "CloudSettings":
        """Read MILLRACE_KINESIS_FOLDER, MILLRACE_KINESIS_FSYNC, MILLRACE_REDSHIFT_DATA_URL."""
        return cls(
            Path(environment.get(KINESIS_FOLDER, ".millrace/kinesis")).absolute(),
            environment.get("MILLRACE_KINESIS_FSYNC") == "1",
            environment.get(REDSHIFT_DATA_URL),
            environment.get("PROVIDER_OVERRIDE_KINESIS") == "millrace",
        )
