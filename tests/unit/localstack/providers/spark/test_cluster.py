"""A cluster's master and workers, without Spark: processes are made up, and the master sees them all."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from localstack.providers.spark import cluster as module
from localstack.providers.spark.cluster import Cluster
from localstack.providers.spark.launching import LaunchError


class FakeProcess:
    """Runs until it is stopped, or killed."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        """Take what it was started with."""
        self.command = list(command)
        self.stdout, self.stderr = folder / "stdout", folder / "stderr"
        self.code: int | None = None

    def wait(self, timeout_seconds: float | None = None) -> int | None:
        """See `Driver.wait`."""
        assert timeout_seconds == 0
        return self.code

    def stop(self, grace_seconds: float = 5.0) -> None:
        """See `Driver.stop`."""
        assert grace_seconds
        self.code = 143

    @property
    def is_worker(self) -> bool:
        """Whether it is one."""
        return any(each.endswith(".Worker") for each in self.command)


class World:
    """What was started; with `fails` new workers end at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        """Have the module start nothing."""
        self.started: list[FakeProcess] = []
        self.fails = False
        self.cluster = Cluster(folder / "bin" / "python", {"JAVA_HOME": "/java"}, folder)
        monkeypatch.setattr(module, "start", self._start)
        monkeypatch.setattr(Cluster, "alive", lambda _: len(self.running))

    def _start(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> FakeProcess:
        assert environment["JAVA_HOME"] == "/java"
        made = FakeProcess(command, folder)
        if self.fails and made.is_worker:
            made.code = 1
        self.started.append(made)
        return made

    @property
    def running(self) -> list[FakeProcess]:
        """The workers that run."""
        return [each for each in self.started if each.is_worker and each.code is None]

    @property
    def masters(self) -> list[FakeProcess]:
        """All masters, ended or not."""
        return [each for each in self.started if not each.is_worker]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """A cluster that is off."""
    return World(monkeypatch, tmp_path)


def test_all_listens_on_loopback_and_finds_its_master(world: World) -> None:
    """A worker is told the master's address; both are told the host."""
    world.cluster.start(2)
    (master,) = world.masters
    assert all(each.command[each.command.index("--host") + 1] == "127.0.0.1" for each in world.started)
    assert world.cluster.url == f"spark://127.0.0.1:{master.command[master.command.index('--port') + 1]}"
    assert [each.command[-1] for each in world.running] == [world.cluster.url] * 2
    world.cluster.start(2)
    assert len(world.started) == 3


def test_the_youngest_workers_go_first(world: World) -> None:
    """And `stop` ends all."""
    world.cluster.start(3)
    oldest, *_ = world.running
    world.cluster.resize(1)
    assert world.running == [oldest]
    assert world.cluster.size == 1
    world.cluster.stop()
    assert not world.running
    assert not world.cluster.has_master


def test_a_worker_that_ended_by_itself_is_replaced(world: World) -> None:
    """The others stay, and so does the master."""
    world.cluster.start(2)
    first, second = world.running
    first.code = 137
    assert world.cluster.size == 1
    world.cluster.start(2)
    kept, new = world.running
    assert kept is second
    assert new is not first
    assert len(world.masters) == 1


def test_workers_go_with_a_master_that_ended(world: World) -> None:
    """They know only its address."""
    world.cluster.start(1)
    old_url = world.cluster.url
    (old,) = world.running
    world.masters[0].code = 137
    world.cluster.start(1)
    (new,) = world.running
    assert old.code is not None
    assert new.command[-1] == world.cluster.url != old_url


def test_a_start_that_fails_leaves_nothing(world: World) -> None:
    """The line says where its log is."""
    world.fails = True
    with pytest.raises(LaunchError, match=r"cluster of 1 workers did not come up; its logs are at .*stderr"):
        world.cluster.start(1)
    assert all(each.code is not None for each in world.started)


def test_a_resize_that_fails_leaves_the_workers_that_were_there(world: World) -> None:
    """A cluster that is up stays up."""
    world.cluster.start(1)
    before = world.running
    world.fails = True
    with pytest.raises(LaunchError):
        world.cluster.resize(3)
    assert world.running == before
    assert world.cluster.has_master
    world.fails = False
    world.cluster.resize(3)
    assert world.cluster.size == 3
