"""The cloud's only reader of the environment; the stand sets these when it starts LocalStack."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KINESIS_FOLDER = "MILLRACE_KINESIS_FOLDER"
MAPPINGS_FOLDER = "MILLRACE_MAPPINGS_FOLDER"
REDSHIFT_DATA_URL = "MILLRACE_REDSHIFT_DATA_URL"


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """Where the providers keep and find things.

    Attributes:
        kinesis_folder: Of the streams and their records.
        is_kinesis_fsync: Whether a put waits until its records are on the device.
        redshift_data_url: Of the warehouse; None where it is not set.
        is_kinesis_ours: Whether Kinesis is this project's engine.
        functions_python: Interpreter of Lambda's functions.
        mappings_folder: Of how far each event source mapping is.
        spark_python: Interpreter that has pyspark.
        spark_jars: Folder of the jars that give Spark its S3.
        spark_java: A JAVA_HOME for Spark; None where there is no Java.
        spark_folder: Of the files of runs that are on their way.
        is_aws_allowed: Whether a run may reach what is not on this machine.
    """

    kinesis_folder: Path
    is_kinesis_fsync: bool
    redshift_data_url: str | None
    is_kinesis_ours: bool
    functions_python: Path
    mappings_folder: Path
    spark_python: Path
    spark_jars: Path
    spark_java: Path | None
    spark_folder: Path
    is_aws_allowed: bool

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "CloudSettings":
        """Read what app/stack/cloud.py sets."""
        return cls(
            Path(environment.get(KINESIS_FOLDER, ".millrace/kinesis")).absolute(),
            environment.get("MILLRACE_KINESIS_FSYNC") == "1",
            environment.get(REDSHIFT_DATA_URL),
            environment.get("PROVIDER_OVERRIDE_KINESIS") == "millrace",
            Path(environment.get("MILLRACE_FUNCTIONS_PYTHON", sys.executable)),
            Path(environment.get(MAPPINGS_FOLDER, ".millrace/mappings")).absolute(),
            Path(environment.get("MILLRACE_SPARK_PYTHON", sys.executable)),
            Path(environment.get("MILLRACE_SPARK_JARS", ".millrace/jars")).absolute(),
            Path(environment["MILLRACE_SPARK_JAVA"]) if environment.get("MILLRACE_SPARK_JAVA") else None,
            Path(environment.get("MILLRACE_SPARK_FOLDER", ".millrace/spark-runs")).absolute(),
            environment.get("MILLRACE_ALLOW_AWS") == "1",
        )
