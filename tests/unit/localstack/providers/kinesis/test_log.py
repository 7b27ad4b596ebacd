"""The log of a shard: what was appended is there after any kill, and nothing else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstack.providers.kinesis import log as log_module
from localstack.providers.kinesis.disk import Disk
from localstack.providers.kinesis.log import SEGMENT_MILLIS, Log

DISK = Disk()


def filled(folder: Path, count: int = 10, millis: int = 1000) -> Log:
    """Return a log of records 0, 1, 2… of which two arrive a millisecond."""
    log = Log(folder, DISK)
    for position in range(log.end, log.end + count):
        log.append([b'{"n":%d},' % position], millis + position // 2)
    return log


def texts(log: Log, position: int = 0, most_records: int = 10_000) -> bytes:
    """Return the bytes of one read."""
    return log.span(position, most_records, 10**9).read()


@pytest.mark.parametrize(
    ("position", "most_records", "most_bytes", "expected"),
    [
        pytest.param(0, 2, 10**6, b'{"n":0},{"n":1}', id="limited by records"),
        pytest.param(3, 100, 16, b'{"n":3},{"n":4}', id="limited by bytes"),
        pytest.param(3, 100, 1, b'{"n":3}', id="at least one"),
        pytest.param(9, 100, 10**6, b'{"n":9}', id="the last"),
        pytest.param(10, 100, 10**6, b"", id="beyond the end"),
    ],
)
def test_a_read_has_limits(
    tmp_path: Path, position: int, most_records: int, most_bytes: int, expected: bytes
) -> None:
    """Of records and of bytes, and one record is always given."""
    assert filled(tmp_path).span(position, most_records, most_bytes).read() == expected


def test_an_opened_log_goes_on(tmp_path: Path) -> None:
    """Positions, records and times are those of before."""
    before = filled(tmp_path)
    after = filled(tmp_path)
    assert after.end == 20
    assert texts(after).startswith(texts(before, most_records=10))
    assert after.since(1002) == 4
    assert after.last_arrival == 1009


@given(lost=st.integers(0, 79), garbage=st.binary(max_size=40), of=st.sampled_from(["records", "index"]))
def test_a_torn_tail_is_cut_off(
    tmp_path_factory: pytest.TempPathFactory, lost: int, garbage: bytes, of: str
) -> None:
    """Whatever a killed process left at the end: what is whole stays, and appending goes on behind it."""
    folder = tmp_path_factory.mktemp("log")
    whole = texts(filled(folder))
    (path,) = folder.glob(f"*.{of}")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - lost] + garbage)
    log = Log(folder, DISK)
    kept = texts(log)
    assert whole.startswith(kept)
    assert log.end == kept.count(b"{")
    if not lost:
        assert kept == whole
    filled(folder, count=1)
    assert texts(Log(folder, DISK)) == (kept + b"," if kept else b"") + b'{"n":%d}' % log.end


def test_a_changed_byte_is_not_served(tmp_path: Path) -> None:
    """The checksum of the newest segment's records is held against them when it is opened."""
    filled(tmp_path)
    (path,) = tmp_path.glob("*.records")
    path.write_bytes(path.read_bytes().replace(b'"n":7', b'"n":x'))
    assert texts(Log(tmp_path, DISK)).endswith(b'{"n":6}')


def test_segments_are_trimmed_whole_and_positions_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest segment stays: it knows where the log ends."""
    monkeypatch.setattr(log_module, "SEGMENT_BYTES", 16)
    log = filled(tmp_path)
    assert len(list(tmp_path.glob("*.records"))) == 5
    log.trim(1003)
    assert (log.span(0, 1, 100).first, log.end) == (6, 10)
    log.trim(9999)
    assert (log.span(0, 1, 100).first, log.end) == (8, 10)
    assert len(list(tmp_path.iterdir())) == 2
    assert Log(tmp_path, DISK).end == 10


def test_a_segment_holds_an_hour(tmp_path: Path) -> None:
    """So that retention frees the disk of a slow stream too."""
    filled(tmp_path, count=1)
    filled(tmp_path, count=1, millis=1000 + SEGMENT_MILLIS)
    assert len(list(tmp_path.glob("*.index"))) == 2


def test_what_cannot_be_written_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk fails the append, and the next one goes on as if it had not been."""
    log = filled(tmp_path, count=2)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", full)
        with pytest.raises(OSError, match="No space left"):
            log.append([b"{},"], 2000)
    assert log.end == 2
    log.append([b'{"n":2},'], 2000)
    assert texts(Log(tmp_path, DISK)) == b'{"n":0},{"n":1},{"n":2}'


@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=30), position=st.integers(0, 40))
def test_reads_join_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], position: int
) -> None:
    """Whatever the batches and wherever a reader begins, each record comes once and in order."""
    log = Log(tmp_path_factory.mktemp("log"), DISK)
    for millis, size in enumerate(sizes):
        log.append([b"%d," % (log.end + place) for place in range(size)], millis)
    got: list[int] = []
    at = position
    while (span := log.span(at, 7, 20)).end > span.first:
        got += [int(each) for each in span.read().split(b",")]
        at = span.end
    assert got == list(range(position, sum(sizes)))


def test_damage_is_said_and_a_copy_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Records behind a broken one cannot be served; they are not thrown away either."""
    filled(tmp_path)
    (path,) = tmp_path.glob("*.records")
    path.write_bytes(path.read_bytes().replace(b'"n":3', b'"n":x'))
    assert Log(tmp_path, DISK).end == 3
    assert "the last 7 records are damaged" in caplog.text
    (copy,) = tmp_path.glob("*.damaged")
    assert copy.read_bytes().endswith(b'{"n":9},')


def test_records_without_an_index_are_swept_away(tmp_path: Path) -> None:
    """A kill between two deletions leaves no file behind for ever."""
    filled(tmp_path)
    orphan = tmp_path / "00000000000000000099.records"
    orphan.write_bytes(b"x")
    assert Log(tmp_path, DISK).end == 10
    assert not orphan.exists()
