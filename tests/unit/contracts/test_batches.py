"""Records that hold many events: what is packed is unpacked, what is damaged is never taken for events."""

import gzip
import zlib
from pickle import dumps, loads

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from contracts import batches, kpl
from contracts.batches import (
    MOST_RECORD_BYTES,
    PACKINGS,
    BadBatchError,
    BatchTooLargeError,
    Packing,
    begins_batch,
    pack,
    unpack,
)

EVENTS = [b'{"event_id":"%d","kind":"departed"}' % number for number in range(40)]
TOGETHER: list[Packing] = [each for each in PACKINGS if each != "plain"]
LINES = st.lists(st.binary(max_size=50).filter(lambda each: b"\n" not in each), min_size=1)
MAGICS = (b"\x28\xb5\x2f\xfd", b"\x1f\x8b", b"\xf3\x89\x9a\xc2")


@pytest.mark.parametrize("packing", TOGETHER)
@given(events=LINES)
def test_what_is_packed_is_unpacked(packing: Packing, events: list[bytes]) -> None:
    """Whatever the events hold, nothing too; the same events are the same bytes."""
    assert unpack(pack(events, packing)) == events
    assert pack(events, packing) == pack(events, packing)
    assert begins_batch(pack(events, packing))


@given(event=st.binary(max_size=50))
def test_a_plain_record_is_one_event(event: bytes) -> None:
    """As it is, but for one that would be read as a batch; several are not plain."""
    if not begins_batch(event):
        assert unpack(pack([event], "plain")) == [event]
    for magic in MAGICS:
        with pytest.raises(ValueError, match="must not begin as a batch"):
            pack([magic + event], "plain")
    with pytest.raises(ValueError, match="hold one event; got 2"):
        pack(EVENTS[:2], "plain")


@pytest.mark.parametrize("packing", PACKINGS)
def test_no_events_are_no_record(packing: Packing) -> None:
    """Nobody would know of it."""
    with pytest.raises(ValueError, match="`events` must not be empty"):
        pack([], packing)


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_an_event_of_two_lines_is_no_line(packing: Packing) -> None:
    """It would come back as two events."""
    with pytest.raises(ValueError, match="must hold no newline"):
        pack([*EVENTS, b"{\n}"], packing)


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_record_is_never_over_the_limit(packing: Packing) -> None:
    """To the byte; what is told can be handed on between processes."""
    events = EVENTS[:1] if packing == "plain" else EVENTS
    size = len(pack(events, packing))
    assert len(pack(events, packing, limit=size)) == size
    with pytest.raises(BatchTooLargeError, match=f"have {size} bytes; a record takes {size - 1}") as caught:
        pack(events, packing, limit=size - 1)
    assert str(loads(dumps(caught.value))) == str(caught.value)  # noqa: S301  # made here


def test_the_limit_is_kinesis_s() -> None:
    """1 MiB where nothing else is said."""
    assert pack([b"0" * MOST_RECORD_BYTES], "plain")
    with pytest.raises(BatchTooLargeError, match="1 events packed have 1048577 bytes"):
        pack([b"0" * (MOST_RECORD_BYTES + 1)], "plain")


@pytest.mark.parametrize("packing", TOGETHER)
@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_EVENTS"])
def test_what_would_not_be_unpacked_is_not_packed(
    packing: Packing, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small it is packed."""
    exact = len(EVENTS) if limit == "MOST_EVENTS" else sum(map(len, EVENTS)) + len(EVENTS)
    monkeypatch.setattr(batches, limit, exact)
    packed = pack(EVENTS, packing)
    assert unpack(packed) == EVENTS
    monkeypatch.setattr(batches, limit, exact - 1)
    with pytest.raises(BatchTooLargeError, match="40 events packed have"):
        pack(EVENTS, packing)
    if packing != "kpl" or limit == "MOST_EVENTS":  # an aggregate is not compressed: it is no bomb of bytes
        with pytest.raises(BadBatchError, match=f"beyond {exact - 1} (bytes|events)"):
            unpack(packed)


@given(st.binary(max_size=200))
def test_any_bytes_are_unpacked_or_refused(data: bytes) -> None:
    """As one event, where they are no batch."""
    assert unpack(b"{" + data) == [b"{" + data]
    for magic in MAGICS:
        with pytest.raises(BadBatchError, match="a batch cannot be read: "):
            unpack(magic + data)


@pytest.mark.parametrize("packing", TOGETHER)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7), end=st.integers(0, 10**6))
def test_a_damaged_batch_is_refused(packing: Packing, place: int, bit: int, end: int) -> None:
    """One bit changed, or cut anywhere: by its checksum, never other events."""
    packed = pack(EVENTS, packing)
    damaged = bytearray(packed)
    damaged[place % len(packed)] ^= 1 << bit
    for data in (bytes(damaged), packed[: 4 + end % (len(packed) - 4)]):  # the first four say what it is
        try:
            found = unpack(data)
        except BadBatchError:
            continue
        assert found == EVENTS or (found == [data] and not begins_batch(data))  # a bit that nobody reads


def test_a_broken_aggregate_is_a_bad_batch() -> None:
    """One whose checksum is right too, with what is wrong."""
    message = b"\x1a\x02\x08\x00"  # a record without data
    with pytest.raises(BadBatchError, match="a record has no partition key or no data"):
        unpack(kpl.MAGIC + message + kpl._digest(message))  # noqa: SLF001  # no encoder writes a broken one


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_what_follows_a_batch_is_not_lost_in_silence(packing: Packing) -> None:
    """It is refused whole."""
    with pytest.raises(BadBatchError, match="something follows it"):
        unpack(pack(EVENTS, packing) + b"{}")
    with pytest.raises(BadBatchError, match="something follows it"):
        unpack(pack(EVENTS, packing) * 2)


@pytest.mark.parametrize("bomb", [zstd.compress(b"0" * 2**20), gzip.compress(b"0" * 2**20)])
def test_a_bomb_is_refused(bomb: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is unpacked."""
    monkeypatch.setattr(batches, "MOST_BYTES", 2**20 - 1)
    with pytest.raises(BadBatchError, match="beyond 1048575 bytes"):
        unpack(bomb)


def test_a_bomb_of_lines_is_refused() -> None:
    """Two kilobytes that would be 67 million events, each an object and a reject."""
    bomb = zstd.compress(b"\n" * batches.MOST_BYTES)
    assert len(bomb) < 4096
    with pytest.raises(BadBatchError, match="beyond 524288 events"):
        unpack(bomb)


def test_lines_may_end_with_a_newline() -> None:
    """As most writers of JSON lines do; an empty line between is an event, and no event at that."""
    assert unpack(gzip.compress(b"{}\n{}\n")) == [b"{}", b"{}"]
    assert unpack(zstd.compress(b"{}\n\n{}")) == [b"{}", b"", b"{}"]
    assert unpack(gzip.compress(zlib.compress(b"")))  # no lines: one event, which is none
