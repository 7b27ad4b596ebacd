"""One attempt, with a launcher that starts nothing and an S3 in memory."""

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localstack.providers.emr_serverless.attempts import SparkAttempts
from localstack.providers.emr_serverless.engine import Engine
from localstack.providers.emr_serverless.logs import DriverLogs
from localstack.providers.emr_serverless.records import Run
from localstack.providers.spark.submission import Place
from tests.support.clock import HandClock
from tests.support.waiting import until


class FakeDriver:
    """One that has ended."""

    def __init__(self, folder: Path, code: int) -> None:
        """Leave its logs."""
        self.stdout, self.stderr = folder / "stdout", folder / "stderr"
        self.stdout.write_text("ValueError: dry\n")
        self.stderr.write_text("")
        self._code = code

    def wait(self, timeout_seconds: float | None = None) -> int | None:
        """See `Driver.wait`."""
        assert timeout_seconds is None
        return self._code

    def stop(self, grace_seconds: float = 5.0) -> None:
        """See `Driver.stop`."""


class FakeLauncher:
    """Keeps what it was told."""

    def __init__(self, code: int = 0) -> None:
        """Take the exit code of all drivers."""
        self._code = code
        self.told: list[tuple[list[str], dict[str, str]]] = []
        self.fetched: list[bytes] = []

    def check(self, properties: Mapping[str, str]) -> None:
        """See `Launcher.check`."""

    def launch(self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> FakeDriver:
        """See `Launcher.launch`."""
        self.fetched += [
            Path(each).read_bytes() for argument in arguments for each in argument.split(",") if "/" in each
        ]
        self.told.append(([Path(each).name for each in arguments], dict(environment)))
        return FakeDriver(folder, self._code)


class FakeS3:
    """Objects by URI."""

    def __init__(self) -> None:
        """Begin with a script."""
        self.objects = {"s3://b/x.py": b"pass", "s3://b/a.zip": b"zip", "s3://c/a.zip": b"another zip"}

    def download_file(self, bucket: str, key: str, target: str) -> None:
        """See boto3."""
        uri = f"s3://{bucket}/{key}"
        if uri not in self.objects:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")
        Path(target).write_bytes(self.objects[uri])

    def put_object(self, **given: Any) -> None:
        """See boto3."""
        self.objects[f"s3://{given['Bucket']}/{given['Key']}"] = given["Body"]


def carried_out(folder: Path, launcher: FakeLauncher, s3: FakeS3, script: str, parameters: str = "") -> Run:
    """Carry one run out to its end."""
    place = Place(Path("/py/python"), Path("/java"), Path("/jars"), folder, "http://127.0.0.1:1", False)  # noqa: FBT003  # as it is
    engine = Engine(
        "000000000000",
        "us-east-1",
        SparkAttempts(place, {"local": launcher}, s3, DriverLogs(s3, None)),
        HandClock().now,
    )
    logs = {"s3MonitoringConfiguration": {"logUri": "s3://b/logs"}}
    application = engine.create_application(
        {"releaseLabel": "emr-7.9.0", "type": "SPARK", "monitoringConfiguration": logs}
    )
    submit = {"entryPoint": script, "entryPointArguments": ["one"], "sparkSubmitParameters": parameters}
    request = {
        "applicationId": application.id,
        "executionRoleArn": "role",
        "jobDriver": {"sparkSubmit": submit},
    }
    run = engine.start_run(request)

    def look() -> bool:
        engine.step()
        return run.ended_at is not None

    until(look, 10)
    return run


def test_a_driver_is_told_all_and_its_logs_are_put(tmp_path: Path) -> None:
    """Files are fetched, variables are given, and nothing is left in the folder."""
    launcher, s3 = FakeLauncher(), FakeS3()
    parameters = "--py-files s3://b/a.zip --class org.Main --conf spark.emr-serverless.driverEnv.MINE=1"
    run = carried_out(tmp_path, launcher, s3, "s3://b/x.py", parameters)
    assert (run.state, run.details) == ("SUCCESS", "")
    ((arguments, environment),) = launcher.told
    assert arguments == ["--class", "org.Main", "--py-files", "a.zip", "x.py", "one"]
    assert (environment["MINE"], environment["AWS_ENDPOINT_URL"]) == ("1", "http://127.0.0.1:1")
    log = s3.objects[f"s3://b/logs/applications/{run.application.id}/jobs/{run.id}/SPARK_DRIVER/stdout.gz"]
    assert gzip.decompress(log) == b"ValueError: dry\n"
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]


def test_files_of_one_name_are_both_there(tmp_path: Path) -> None:
    """Neither takes the other's place."""
    launcher = FakeLauncher()
    carried_out(tmp_path, launcher, FakeS3(), "s3://b/x.py", "--py-files s3://b/a.zip,s3://c/a.zip")
    assert launcher.fetched == [b"zip", b"another zip", b"pass"]


@pytest.mark.parametrize(
    ("script", "details"),
    [
        ("s3://b/x.py", "Job failed with exit code 1: ValueError: dry"),
        ("s3://b/none.py", "s3://b/none.py cannot be read"),
    ],
)
def test_a_failure_says_why(tmp_path: Path, script: str, details: str) -> None:
    """Of the driver, or of what came before it."""
    run = carried_out(tmp_path, FakeLauncher(1), FakeS3(), script)
    assert run.state == "FAILED"
    assert run.details.startswith(details)
