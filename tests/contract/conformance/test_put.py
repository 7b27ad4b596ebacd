"""Records, put."""

import hashlib

import pytest

from tests.support.documented import (
    Client,
    MakeStream,
    arn_of,
    documented,
    iterator,
    open_shards,
    put,
    read,
    refused,
    settle,
    shards_of,
)

LARGEST = 2**20


@documented("API_PutRecord")
def test_sequence_numbers_rise_within_a_shard(kinesis: Client, stream: MakeStream) -> None:
    """Sequence numbers rise with each record of a shard."""
    numbers = [int(each["SequenceNumber"]) for each in put(kinesis, stream(), *"abcdefghij")]
    assert numbers == sorted(set(numbers))


@documented("API_PutRecord")
def test_sequence_numbers_have_56_digits(kinesis: Client, stream: MakeStream) -> None:
    """Sequence numbers are strings of 56 digits, as in the page's example."""
    name = stream()
    (answer,) = put(kinesis, name, "a")
    assert len(answer["SequenceNumber"]) == 56
    assert len(shards_of(kinesis, name)[0]["SequenceNumberRange"]["StartingSequenceNumber"]) == 56


@documented("key-concepts")
def test_a_partition_key_goes_where_its_md5_says(kinesis: Client, stream: MakeStream) -> None:
    """The MD5 of a partition key is the hash key that chooses the shard."""
    name = stream(4)
    ranges = {each["ShardId"]: each["HashKeyRange"] for each in open_shards(kinesis, name)}
    for key, answer in zip("abcdefghijklmnop", put(kinesis, name, *"abcdefghijklmnop"), strict=True):
        number = int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest(), 16)
        chosen = ranges[answer["ShardId"]]
        assert int(chosen["StartingHashKey"]) <= number <= int(chosen["EndingHashKey"])


@documented("API_PutRecord")
def test_an_explicit_hash_key_overrides_the_partition_key(kinesis: Client, stream: MakeStream) -> None:
    """ExplicitHashKey chooses the shard, at the ends of its range too."""
    name = stream(2)
    for place, shard in enumerate(open_shards(kinesis, name)):
        for bound in ("StartingHashKey", "EndingHashKey"):
            (answer,) = put(kinesis, name, "a", ExplicitHashKey=shard["HashKeyRange"][bound])
            assert answer["ShardId"] == shard["ShardId"], place


@documented("API_PutRecord")
def test_a_hash_key_beyond_128_bits_is_refused(kinesis: Client, stream: MakeStream) -> None:
    """An ExplicitHashKey of 2^128 is an InvalidArgumentException."""
    name = stream()
    with refused("InvalidArgumentException"):
        put(kinesis, name, "a", ExplicitHashKey=str(2**128))


@documented("API_PutRecords")
def test_results_come_in_the_order_of_records(kinesis: Client, stream: MakeStream) -> None:
    """PutRecords answers record by record, in the order of the request."""
    name = stream(2)
    low, high = (each["HashKeyRange"]["StartingHashKey"] for each in open_shards(kinesis, name))
    records = [
        {"Data": b"x", "PartitionKey": "a", "ExplicitHashKey": each} for each in (low, high, low, high)
    ]
    answer = kinesis.put_records(StreamName=name, Records=records)
    assert answer["FailedRecordCount"] == 0
    assert [each["ShardId"][-1] for each in answer["Records"]] == ["0", "1", "0", "1"]


@documented("API_PutRecords")
def test_500_records_are_taken_and_501_refused(kinesis: Client, stream: MakeStream) -> None:
    """A PutRecords request has at most 500 records."""
    name = stream()
    record = {"Data": b"x", "PartitionKey": "a"}
    assert len(kinesis.put_records(StreamName=name, Records=[record] * 500)["Records"]) == 500
    with refused("ValidationException", "InvalidArgumentException"):
        kinesis.put_records(StreamName=name, Records=[record] * 501)


@documented("API_PutRecords")
def test_no_records_are_refused(kinesis: Client, stream: MakeStream) -> None:
    """A PutRecords request has at least one record."""
    name = stream()
    with refused("ValidationException"):
        kinesis.put_records(StreamName=name, Records=[])


@documented("service-sizes-and-limits")
def test_a_record_of_one_mebibyte_is_taken(kinesis: Client, stream: MakeStream) -> None:
    """A record has at most 1 MiB by default, its partition key counted in."""
    name = stream()
    kinesis.put_record(StreamName=name, Data=b"x" * (LARGEST - 1), PartitionKey="a")
    for size in (LARGEST, LARGEST + 1):  # the first is one byte too large by its partition key
        with refused("ValidationException", "InvalidArgumentException"):
            kinesis.put_record(StreamName=name, Data=b"x" * size, PartitionKey="a")


@documented("service-sizes-and-limits")
def test_a_refused_record_refuses_its_request(kinesis: Client, stream: MakeStream) -> None:
    """A PutRecords request with a record beyond 1 MiB is refused whole."""
    name = stream()
    records = [{"Data": b"x", "PartitionKey": "a"}, {"Data": b"x" * (LARGEST + 1), "PartitionKey": "a"}]
    with refused("ValidationException", "InvalidArgumentException"):
        kinesis.put_records(StreamName=name, Records=records)
    assert read(kinesis, name, "shardId-000000000000") == []


@documented("API_PutRecords")
def test_a_request_of_eight_mebibytes_is_taken(kinesis: Client, stream: MakeStream) -> None:
    """A PutRecords request may hold up to 10 MiB."""
    records = [{"Data": b"x" * (LARGEST - 10), "PartitionKey": "a"}] * 8
    assert kinesis.put_records(StreamName=stream(), Records=records)["FailedRecordCount"] == 0


@documented("API_PutRecords")
def test_a_request_beyond_ten_mebibytes_is_refused(kinesis: Client, stream: MakeStream) -> None:
    """A PutRecords request beyond 10 MiB, partition keys included, is refused."""
    name = stream()
    with refused("InvalidArgumentException", "ValidationException"):
        kinesis.put_records(
            StreamName=name, Records=[{"Data": b"x" * (LARGEST - 1), "PartitionKey": "a"}] * 11
        )


@documented("API_PutRecord")
def test_a_partition_key_has_1_to_256_characters(kinesis: Client, stream: MakeStream) -> None:
    """A partition key has 1 to 256 characters of Unicode."""
    name = stream()
    put(kinesis, name, "é" * 256)
    for key in ("", "x" * 257):
        with refused("ValidationException"):
            kinesis.put_record(StreamName=name, Data=b"x", PartitionKey=key)


@documented("API_PutRecord")
def test_bytes_come_back_as_they_went(kinesis: Client, stream: MakeStream) -> None:
    """Data is any bytes, none included."""
    name = stream()
    blobs = [bytes(range(256)), b"", b"\x00", b'"\\\n']
    for each in blobs:
        kinesis.put_record(StreamName=name, Data=each, PartitionKey='"\\\u2028')
    assert read(kinesis, name, "shardId-000000000000") == blobs
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, name, "shardId-000000000000"))
    assert {each["PartitionKey"] for each in answer["Records"]} == {'"\\\u2028'}


@documented("API_PutRecord")
def test_a_sequence_number_for_ordering_is_taken(kinesis: Client, stream: MakeStream) -> None:
    """SequenceNumberForOrdering is the number of the record before."""
    name = stream()
    (first,) = put(kinesis, name, "a")
    (second,) = put(kinesis, name, "a", SequenceNumberForOrdering=first["SequenceNumber"])
    assert int(second["SequenceNumber"]) > int(first["SequenceNumber"])


@documented("API_PutRecord")
def test_an_unknown_stream_takes_nothing(kinesis: Client) -> None:
    """Putting into an unknown stream is a ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        put(kinesis, "no-such-stream", "a")


@documented("API_StartStreamEncryption")
def test_an_encrypted_stream_says_so(kinesis: Client, stream: MakeStream) -> None:
    """Encryption shows in the summary, in the answers to puts, and in records put since."""
    name = stream()
    key = "alias/aws/kinesis"
    kinesis.start_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId=key)
    summary = settle(kinesis, name)
    assert (summary["EncryptionType"], summary["KeyId"]) == ("KMS", key)
    (answer,) = put(kinesis, name, "a")
    assert answer["EncryptionType"] == "KMS"
    records = kinesis.get_records(ShardIterator=iterator(kinesis, name, "shardId-000000000000"))["Records"]
    assert records[0]["EncryptionType"] == "KMS"
    kinesis.stop_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId=key)
    assert settle(kinesis, name)["EncryptionType"] == "NONE"


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"Data": b"x"}, id="no key"),
        pytest.param({"PartitionKey": "a"}, id="no data"),
        pytest.param({"Data": b"x", "PartitionKey": "a", "ExplicitHashKey": "-1"}, id="negative hash key"),
        pytest.param({"Data": b"x", "PartitionKey": "a", "ExplicitHashKey": "ten"}, id="hash key in words"),
    ],
)
@documented("API_PutRecord")
def test_a_malformed_record_is_refused(
    kinesis: Client, stream: MakeStream, request_: dict[str, object]
) -> None:
    """PutRecord refuses records that lack a part or whose hash key is none."""
    name = stream()
    with refused("ValidationException", "InvalidArgumentException"):
        kinesis.put_record(StreamName=name, **request_)
    assert arn_of(kinesis, name)
