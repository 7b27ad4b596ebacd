"""A change's record in a stream."""

from typing import Any

import pytest

from localstack.providers.dynamodb.images import event_name, is_same, stream_record

NEW = {"Id": {"N": "101"}, "Message": {"S": "New item!"}}
CHANGED = {"Id": {"N": "101"}, "Message": {"S": "This item has changed"}}


@pytest.mark.parametrize(
    ("old", "new", "name", "size"),
    [(None, NEW, "INSERT", 26), (NEW, CHANGED, "MODIFY", 59), (CHANGED, None, "REMOVE", 38)],
)
def test_sizes_are_those_of_aws_s_example(old: Any, new: Any, name: str, size: int) -> None:
    """SizeBytes of the three records in https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html."""
    record = stream_record("NEW_AND_OLD_IMAGES", ["Id"], old, new)
    assert event_name(old, new) == name
    assert record["SizeBytes"] == size
    assert record["Keys"] == {"Id": {"N": "101"}}


@pytest.mark.parametrize(
    ("view", "members"),
    [
        ("KEYS_ONLY", set()),
        ("NEW_IMAGE", {"NewImage"}),
        ("OLD_IMAGE", {"OldImage"}),
        ("NEW_AND_OLD_IMAGES", {"NewImage", "OldImage"}),
    ],
)
def test_a_view_has_its_images(view: str, members: set[str]) -> None:
    """Images that a view has not are not there, not even empty."""
    record = stream_record(view, ["Id"], NEW, CHANGED)
    assert record.keys() - {"Keys", "SizeBytes", "StreamViewType"} == members


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"a": {"N": "1"}}, {"a": {"N": "1.0"}}, True, id="number"),
        pytest.param({"a": {"N": "1"}}, {"a": {"S": "1"}}, False, id="type"),
        pytest.param({"a": {"SS": ["x", "y"]}}, {"a": {"SS": ["y", "x"]}}, True, id="set"),
        pytest.param({"a": {"NS": ["1", "2"]}}, {"a": {"NS": ["2.0", "1"]}}, True, id="set of numbers"),
        pytest.param({"a": {"L": [{"N": "1"}]}}, {"a": {"L": [{"N": "1e0"}]}}, True, id="in a list"),
        pytest.param({"a": {"L": [{"S": "x"}, {"S": "y"}]}}, {"a": {"L": [{"S": "y"}, {"S": "x"}]}}, False),
        pytest.param({"a": {"M": {"b": {"N": "1"}}}}, {"a": {"M": {"b": {"N": "2"}}}}, False, id="in a map"),
        pytest.param({"a": {"S": "x"}}, {"a": {"S": "x"}, "b": {"S": "x"}}, False, id="one more"),
        pytest.param(None, {"a": {"S": "x"}}, False, id="none before"),
        pytest.param(None, None, True, id="none at all"),
    ],
)
def test_what_is_the_same(old: Any, new: Any, *, expected: bool) -> None:
    """Numbers are compared by value, sets without order, lists with it."""
    assert is_same(old, new) is expected
