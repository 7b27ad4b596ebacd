"""Where a driver's logs go."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from localstack.providers.emr_serverless.errors import ValidationError
from localstack.providers.emr_serverless.logs import DriverLogs
from localstack.providers.emr_serverless.records import Run
from localstack.providers.emr_serverless.refusals import check_application

FOLDER = "applications/a/jobs/r/SPARK_DRIVER"


class FakeCloudWatch:
    """Groups and streams in memory, with CloudWatch's limits of a request."""

    class exceptions:  # noqa: N801  # boto3's name
        """See boto3."""

        class ResourceAlreadyExistsException(Exception):  # noqa: N818  # boto3's name
            """See boto3."""

    def __init__(self) -> None:
        """Begin with no group."""
        self.groups: set[str] = set()
        self.streams: dict[str, list[str]] = {}
        self.requests = 0

    def create_log_group(self, *, logGroupName: str) -> None:  # noqa: N803  # boto3's names
        """See boto3."""
        if logGroupName in self.groups:
            raise self.exceptions.ResourceAlreadyExistsException
        self.groups.add(logGroupName)

    def create_log_stream(self, *, logGroupName: str, logStreamName: str) -> None:  # noqa: N803
        """See boto3."""
        assert logGroupName in self.groups
        if logStreamName in self.streams:
            raise self.exceptions.ResourceAlreadyExistsException
        self.streams[logStreamName] = []

    def put_log_events(
        self,
        *,
        logGroupName: str,  # noqa: N803
        logStreamName: str,  # noqa: N803
        logEvents: list[Mapping[str, Any]],  # noqa: N803
    ) -> None:
        """See boto3."""
        assert logGroupName in self.groups
        assert 1 <= len(logEvents) <= 10_000
        assert sum(len(each["message"].encode()) + 26 for each in logEvents) <= 1_048_576
        assert all(len(each["message"]) >= 1 for each in logEvents)
        self.requests += 1
        self.streams[logStreamName] += [each["message"] for each in logEvents]


def run_with(**cloudwatch: Any) -> Run:
    """Return a run that wants its logs in CloudWatch."""
    monitoring = {"cloudWatchLoggingConfiguration": {"enabled": True, **cloudwatch}}
    made = SimpleNamespace(id="r", application=SimpleNamespace(id="a"), monitoring=monitoring)
    return cast("Run", made)


def test_lines_become_events_of_a_stream_a_file(tmp_path: Path) -> None:
    """The group is AWS's where none is named; a second attempt goes on in the same streams."""
    cloudwatch = FakeCloudWatch()
    (tmp_path / "stdout").write_text("one\n\n  two\n")
    (tmp_path / "stderr").write_text("")
    logs = DriverLogs(None, cloudwatch)
    assert logs.put(run_with(), tmp_path) == ""
    assert logs.put(run_with(), tmp_path) == ""
    assert cloudwatch.groups == {"/aws/emr-serverless"}
    assert cloudwatch.streams == {f"{FOLDER}/stdout": ["one", "  two"] * 2, f"{FOLDER}/stderr": []}


def test_group_prefix_and_types_are_the_runs(tmp_path: Path) -> None:
    """What is not among the types is not put."""
    cloudwatch = FakeCloudWatch()
    (tmp_path / "stderr").write_text("gone")
    asked = run_with(
        logGroupName="mine", logStreamNamePrefix="nightly/", logTypes={"SPARK_DRIVER": ["STDERR"]}
    )
    assert DriverLogs(None, cloudwatch).put(asked, tmp_path) == ""
    assert cloudwatch.groups == {"mine"}
    assert cloudwatch.streams == {f"nightly/{FOLDER}/stderr": ["gone"]}


def test_a_long_log_is_put_in_several_requests(tmp_path: Path) -> None:
    """By number and by size, a line that is longer than an event being cut."""
    cloudwatch = FakeCloudWatch()
    (tmp_path / "stdout").write_text("x\n" * 25_000)
    (tmp_path / "stderr").write_text(("y" * 300_000 + "\n") * 9)
    assert DriverLogs(None, cloudwatch).put(run_with(), tmp_path) == ""
    assert len(cloudwatch.streams[f"{FOLDER}/stdout"]) == 25_000
    assert [len(each) for each in cloudwatch.streams[f"{FOLDER}/stderr"]] == [250_000] * 9
    assert cloudwatch.requests == 3 + 3


def test_logs_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    """The run has ended as it has all the same."""

    class Refusing(FakeCloudWatch):
        def create_log_group(self, *, logGroupName: str) -> None:  # noqa: N803
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": f"not {logGroupName}"}}, "Create")

    told = DriverLogs(None, Refusing()).put(run_with(logGroupName="mine"), tmp_path)
    assert told.startswith("Its logs could not be written to CloudWatch's mine: ")


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"encryptionKeyArn": "arn:aws:kms:us-east-1:000000000000:key/k"}, "encryptionKeyArn"),
        ({"logTypes": {"SPARK_EXECUTOR": ["STDOUT"]}}, "logTypes SPARK_EXECUTOR STDOUT"),
        ({"logTypes": {"SPARK_DRIVER": ["SYSTEM_LOGS"]}}, "logTypes SPARK_DRIVER SYSTEM_LOGS"),
    ],
)
def test_what_is_never_put_is_refused(asked: Mapping[str, Any], named: str) -> None:
    """By its name."""
    request = {"monitoringConfiguration": {"cloudWatchLoggingConfiguration": {"enabled": True, **asked}}}
    with pytest.raises(ValidationError, match=f"does not support cloudWatchLoggingConfiguration.{named}"):
        check_application(request)
