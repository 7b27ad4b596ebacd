"""Reading a shard through the stream's API."""

from typing import Any

from localstack.providers.lambda_mapping.delivery import Record
from localstack.providers.lambda_mapping.reader import StreamReader, after
from localstack.providers.lambda_mapping.shard import Page


class Api:
    """A stream's API that answers as told."""

    def __init__(self, *answers: Any) -> None:
        """Answer so, one after the other."""
        self._answers = list(answers)
        self.stream = "first"
        self.begun: list[dict[str, Any]] = []

    def created(self) -> str:
        """See `Stream`."""
        return self.stream

    def shard_iterator(self, shard_id: str, start: dict[str, Any]) -> str:
        """See `Stream`."""
        self.begun.append(start)
        return shard_id

    def fetch(self, _iterator: str) -> dict[str, Any]:
        """See `Stream`."""
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    def records(self, _shard_id: str, raw: list[dict[str, Any]]) -> list[Record]:
        """See `Stream`."""
        return [Record(each["SequenceNumber"], "k", 0.0, 1, {}) for each in raw]


def answer(*numbers: str, behind: int | None = None, iterator: str | None = "i") -> dict[str, Any]:
    """Return what GetRecords answers."""
    made: dict[str, Any] = {"Records": [{"SequenceNumber": number} for number in numbers]}
    return made | ({} if behind is None else {"MillisBehindLatest": behind}) | {"NextShardIterator": iterator}


def test_all_was_read_before_a_read_that_found_the_end() -> None:
    """A little before it began: what is being written then may not have been visible."""
    api = Api(answer("1", behind=5), answer("2", behind=0), answer("3"), answer(), answer(iterator=None))
    reader = StreamReader(api, "s", {}, lambda: 100.0)
    assert [reader.read().complete_until for _ in range(4)] == [0.0, 99.5, 0.0, 99.5]
    assert reader.read() == Page([], has_ended=True, complete_until=99.5)


def test_after_an_error_it_goes_on_behind_the_last_record() -> None:
    """Nothing is skipped, and nothing read twice."""
    api = Api(answer("1"), OSError("away"), answer("2"))
    reader = StreamReader(api, "s", {"ShardIteratorType": "TRIM_HORIZON"}, lambda: 0.0)
    assert [len(reader.read().records) for _ in range(3)] == [1, 0, 1]
    assert api.begun == [{"ShardIteratorType": "TRIM_HORIZON"}, after("1")]


def test_another_stream_of_that_name_is_not_read() -> None:
    """Its records are not those that follow."""
    api = Api(answer("1"), OSError("gone"), answer("2"))
    reader = StreamReader(api, "s", {}, lambda: 0.0)
    reader.read()
    reader.read()
    api.stream = "second"
    assert reader.read() == Page()
    assert len(api.begun) == 1
