"""Records that hold many events: what is packed is unpacked, what is damaged is never taken for events."""

import gzip
import zlib

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from contracts import batches
from contracts.batches import PACKINGS, BadBatchError, Packing, pack, unpack

EVENTS = [b'{"event_id":"%d","kind":"departed"}' % number for number in range(40)]
TOGETHER: list[Packing] = [each for each in PACKINGS if each != "plain"]
LINES = st.lists(st.binary(min_size=1, max_size=50).filter(lambda each: b"\n" not in each), min_size=1)


@pytest.mark.parametrize("packing", TOGETHER)
@given(events=LINES)
def test_what_is_packed_is_unpacked(packing: Packing, events: list[bytes]) -> None:
    """Whatever the events hold; the same events are the same bytes."""
    assert unpack(pack(events, packing)) == events
    assert pack(events, packing) == pack(events, packing)


def test_a_plain_record_is_one_event() -> None:
    """As it is; several are not plain."""
    assert unpack(pack(EVENTS[:1], "plain")) == EVENTS[:1]
    with pytest.raises(ValueError, match="hold one event; got 2"):
        pack(EVENTS[:2], "plain")


@given(st.binary(max_size=200))
def test_any_bytes_are_unpacked_or_refused(data: bytes) -> None:
    """As one event, where they are no batch."""
    assert unpack(b"{" + data) == [b"{" + data]
    for magic in (b"\x28\xb5\x2f\xfd", b"\x1f\x8b"):
        with pytest.raises(BadBatchError, match="a batch cannot be read: "):
            unpack(magic + data)


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7), end=st.integers(0, 10**6))
def test_a_damaged_batch_is_refused(packing: Packing, place: int, bit: int, end: int) -> None:
    """One bit changed, or cut anywhere: by its checksum, never other events."""
    packed = pack(EVENTS, packing)
    damaged = bytearray(packed)
    damaged[place % len(packed)] ^= 1 << bit
    for data in (bytes(damaged), packed[: 4 + end % (len(packed) - 4)]):
        try:
            found = unpack(data)
        except BadBatchError:
            continue
        assert found in (EVENTS, [data])  # a bit that nobody reads; the first bytes, which say what it is


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_what_follows_a_batch_is_not_lost_in_silence(packing: Packing) -> None:
    """It is refused whole."""
    with pytest.raises(BadBatchError, match="something follows it"):
        unpack(pack(EVENTS, packing) + b"{}")


@pytest.mark.parametrize("bomb", [zstd.compress(b"0" * 2**20), gzip.compress(b"0" * 2**20)])
def test_a_bomb_is_refused(bomb: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is unpacked."""
    monkeypatch.setattr(batches, "MOST_BYTES", 2**20 - 1)
    with pytest.raises(BadBatchError, match="beyond 1048575 bytes"):
        unpack(bomb)


def test_lines_may_end_with_a_newline() -> None:
    """As most writers of JSON lines do; an empty line between is an event, and no event at that."""
    assert unpack(gzip.compress(b"{}\n{}\n")) == [b"{}", b"{}"]
    assert unpack(zstd.compress(b"{}\n\n{}")) == [b"{}", b"", b"{}"]
    assert unpack(gzip.compress(zlib.compress(b"")))  # no lines: one event, which is none
