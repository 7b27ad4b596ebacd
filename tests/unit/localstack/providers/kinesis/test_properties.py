"""Properties that hold whatever is put, split and merged."""

import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from localstack.providers.kinesis import sequence
from localstack.providers.kinesis.iterators import ShardIterator
from localstack.providers.kinesis.shard import MOST_HASH_KEY, even_ranges, hash_key
from tests.support.kinesis import Clock, Kinesis

MILLIS = st.integers(1_700_000_000_000, 4_000_000_000_000)
INDEX = st.integers(0, 2**32 - 1)
POSITION = st.integers(0, 2**62)


@given(MILLIS, INDEX, POSITION)
def test_a_sequence_number_has_56_digits_and_names_its_position(
    created: int, index: int, position: int
) -> None:
    """Arithmetic there and back, between the shard's first and last number."""
    start = sequence.starting(created, index)
    number = sequence.at(start, position)
    assert len(str(number)) == 56
    assert str(number).startswith("49")
    assert sequence.position_of(start, number) == position
    assert start < number < sequence.ending(start)
    assert sequence.position_of(start, number + 1) is None


@given(MILLIS, INDEX, INDEX)
def test_a_child_s_numbers_are_larger_than_its_parents(created: int, parent: int, child: int) -> None:
    """For it is created later, if only by a millisecond."""
    assert sequence.ending(sequence.starting(created, parent)) < sequence.starting(created + 1, child)
    assert (
        sequence.position_of(sequence.starting(created, parent), sequence.starting(created + 1, child))
        is None
    )


@given(st.integers(1, 300), st.text(min_size=1))
def test_even_ranges_hold_each_key_once(count: int, key: str) -> None:
    """They follow one another from 0 to 2^128 - 1, and differ by at most one in size."""
    ranges = even_ranges(count)
    assert (ranges[0][0], ranges[-1][1]) == (0, MOST_HASH_KEY)
    assert all(left[1] + 1 == right[0] for left, right in pairwise(ranges))
    assert sum(low <= hash_key(key) <= high for low, high in ranges) == 1
    sizes = {high - low for low, high in ranges}
    assert max(sizes) - min(sizes) <= 1


@given(
    st.from_regex(r"[a-zA-Z0-9_.-]{1,128}", fullmatch=True),
    st.integers(0, 2**31),
    POSITION,
    MILLIS,
)
def test_an_iterator_comes_back_as_it_went(name: str, index: int, position: int, issued: int) -> None:
    """And fits into the 512 characters of the API."""
    iterator = ShardIterator("0123456789abcdef", name, index, position, issued)
    text = iterator.encode()
    assert len(text) <= 512
    assert ShardIterator.decode(text, issued) == iterator


class Resharding(RuleBasedStateMachine):
    """Puts, splits, merges, scaling and kills in any order, held against a list of what was acknowledged."""

    def __init__(self) -> None:
        """Start with two shards."""
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.kinesis = Kinesis(Path(self.folder.name), Clock())
        self.kinesis.create(shards=2)
        self.acknowledged: dict[str, list[int]] = {}

    def teardown(self) -> None:
        """Remove the folder."""
        self.folder.cleanup()

    def open_shards(self) -> list[dict[str, dict[str, str]]]:
        """Return open shards by hash key."""
        shards = self.kinesis.shards(ShardFilter={"Type": "AT_LATEST"})
        return sorted(shards, key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))

    @rule(keys=st.lists(st.sampled_from("abcdefghijklmnopqrst"), min_size=1, max_size=8))
    def put(self, keys: list[str]) -> None:
        """Put records."""
        for key, result in zip(keys, self.kinesis.put(*keys), strict=True):
            self.acknowledged.setdefault(key, []).append(int(result["SequenceNumber"]))

    @rule(place=st.integers(0, 50), share=st.floats(0.1, 0.9))
    def split(self, place: int, share: float) -> None:
        """Split a shard."""
        shards = self.open_shards()
        shard = shards[place % len(shards)]
        low, high = (int(shard["HashKeyRange"][each]) for each in ("StartingHashKey", "EndingHashKey"))
        if high - low > 10 and len(shards) < 12:
            key = min(max(low + 2, low + int((high - low) * share)), high - 1)
            self.kinesis(
                "SplitShard", StreamName="s", ShardToSplit=shard["ShardId"], NewStartingHashKey=str(key)
            )

    @precondition(lambda self: len(self.open_shards()) > 1)
    @rule(place=st.integers(0, 50), is_reversed=st.booleans())
    def merge(self, place: int, is_reversed: bool) -> None:  # noqa: FBT001  # hypothesis passes by name
        """Merge two neighbours."""
        shards = self.open_shards()
        place %= len(shards) - 1
        pair = [shard["ShardId"] for shard in shards[place : place + 2]]
        left, right = reversed(pair) if is_reversed else pair
        self.kinesis("MergeShards", StreamName="s", ShardToMerge=left, AdjacentShardToMerge=right)

    @rule(count=st.integers(1, 8))
    def scale(self, count: int) -> None:
        """Scale to as many as allowed."""
        current = len(self.open_shards())
        if current <= 2 * count and count <= 2 * current:
            self.kinesis(
                "UpdateShardCount", StreamName="s", TargetShardCount=count, ScalingType="UNIFORM_SCALING"
            )
            ranges = [
                (int(shard["HashKeyRange"]["StartingHashKey"]), int(shard["HashKeyRange"]["EndingHashKey"]))
                for shard in self.open_shards()
            ]
            assert ranges == even_ranges(count)

    @rule()
    def kill(self) -> None:
        """Open the folder anew."""
        self.kinesis = self.kinesis.reopened()

    @invariant()
    def open_shards_partition_the_keys(self) -> None:
        """Each hash key belongs to one open shard."""
        bounds = [
            (int(shard["HashKeyRange"]["StartingHashKey"]), int(shard["HashKeyRange"]["EndingHashKey"]))
            for shard in self.open_shards()
        ]
        assert (bounds[0][0], bounds[-1][1]) == (0, MOST_HASH_KEY)
        assert all(left[1] + 1 == right[0] for left, right in pairwise(bounds))

    @invariant()
    def parents_are_older_and_closed(self) -> None:
        """The lineage is a tree that points back."""
        shards = {shard["ShardId"]: shard for shard in self.kinesis.shards()}
        for shard in shards.values():
            for name in ("ParentShardId", "AdjacentParentShardId"):
                if name in shard:
                    parent = shards[shard[name]]
                    ending = int(parent["SequenceNumberRange"]["EndingSequenceNumber"])
                    assert ending < int(shard["SequenceNumberRange"]["StartingSequenceNumber"])

    @invariant()
    def what_was_acknowledged_is_read_once_and_in_order(self) -> None:
        """By key: numbers rise across shards, so sorting by number is the order of putting."""
        read: dict[str, list[int]] = {}
        for shard in self.kinesis.shards():
            records = self.kinesis.read(shard["ShardId"])
            numbers = [int(record["SequenceNumber"]) for record in records]
            assert numbers == sorted(numbers)
            for record, number in zip(records, numbers, strict=True):
                read.setdefault(record["PartitionKey"], []).append(number)
        assert {key: sorted(numbers) for key, numbers in read.items()} == self.acknowledged


TestResharding = Resharding.TestCase
TestResharding.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
