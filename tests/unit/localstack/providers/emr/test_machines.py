"""A cluster's machines, tended by their thread; the Spark cluster is made up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from localstack.providers.emr import machines as module
from localstack.providers.emr.machines import SparkMachines
from localstack.providers.spark.launching import LaunchError
from localstack.providers.spark.submission import Place
from tests.support.waiting import until


class FakeCluster:
    """As many workers as it is told, unless it fails."""

    def __init__(self) -> None:
        """Be off."""
        self.size = 0
        self.has_master = False
        self.fails = False
        self.starts = 0

    def start(self, workers: int) -> None:
        """See `Cluster.start`."""
        self.starts += 1
        if self.fails:
            msg = "no room"
            raise LaunchError(msg)
        self.has_master, self.size = True, workers

    def stop(self) -> None:
        """See `Cluster.stop`."""
        self.has_master, self.size = False, 0


@pytest.fixture
def cluster() -> FakeCluster:
    """One that is off."""
    return FakeCluster()


@pytest.fixture
def machines(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SparkMachines]:
    """Machines that look often."""
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)
    place = Place(
        tmp_path / "python", None, tmp_path, tmp_path / "j-1", "http://127.0.0.1:1", is_aws_allowed=False
    )
    made = SparkMachines(cast("Any", cluster), place, None, {}, "")
    yield made
    made.stop()
    until(lambda: made.is_down, 5)
    assert not cluster.has_master


def test_a_worker_that_ended_is_replaced(machines: SparkMachines, cluster: FakeCluster) -> None:
    """Nobody has to ask for it."""
    machines.resize(2)
    until(lambda: machines.is_up, 5)
    cluster.size = 1
    until(lambda: cluster.size == 2, 5)
    assert machines.failure == ""


def test_a_master_that_ended_is_the_end(machines: SparkMachines, cluster: FakeCluster) -> None:
    """As on AWS it is not replaced, for the steps that it had are lost."""
    machines.resize(1)
    until(lambda: machines.is_up, 5)
    starts = cluster.starts
    cluster.has_master = False
    until(lambda: machines.failure, 5)
    assert machines.failure == "The master instance failed"
    assert cluster.starts == starts


def test_a_cluster_that_does_not_come_up_fails(machines: SparkMachines, cluster: FakeCluster) -> None:
    """With what Spark said of it."""
    cluster.fails = True
    machines.resize(1)
    until(lambda: machines.failure, 5)
    assert machines.failure == "no room"
    assert not machines.is_up


def test_a_resize_that_fails_is_tried_again(machines: SparkMachines, cluster: FakeCluster) -> None:
    """The cluster stays up with what it has."""
    machines.resize(1)
    until(lambda: machines.is_up, 5)
    cluster.fails = True
    starts = cluster.starts
    machines.resize(3)
    until(lambda: cluster.starts > starts + 1, 5)
    assert (machines.failure, machines.is_up, cluster.size) == ("", False, 1)
    cluster.fails = False
    until(lambda: machines.is_up, 5)
    assert cluster.size == 3
