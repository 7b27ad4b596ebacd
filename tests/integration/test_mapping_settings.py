"""Event source mappings that are filtered, changed, paused, deleted, or refused."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.functions import zipped
from tests.support.mapping import SOURCE, STREAM, Map, of_key, put, taken, told, wait_for
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)


def test_a_paused_mapping_goes_on_where_it_was(mapped: Map, kinesis: Any, functions: Any) -> None:
    """What comes meanwhile waits, and nothing is taken twice."""
    uuid = mapped(StartingPosition="LATEST")
    put(kinesis, ("a", "before"))
    until(lambda: taken(kinesis), 60)
    functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    wait_for(functions, uuid, "Disabled")
    put(kinesis, ("a", "meanwhile"))
    assert of_key(taken(kinesis), "a") == ["before"]
    functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    until(lambda: len(taken(kinesis)) >= 2, 60)
    assert of_key(taken(kinesis), "a") == ["before", "meanwhile"]


def test_a_filter_lets_through_what_matches(mapped: Map, kinesis: Any) -> None:
    """The rest is neither delivered nor in the way."""
    pattern = json.dumps({"data": {"kind": ["departed"]}})
    mapped(FilterCriteria={"Filters": [{"Pattern": pattern}]})
    kinds = ["scheduled", "departed", "arrived", "departed"]
    put(kinesis, *(("a", json.dumps({"kind": kind})) for kind in kinds))
    until(lambda: len(taken(kinesis)) >= 2, 60)
    assert [json.loads(data)["kind"] for _, data in taken(kinesis)] == ["departed", "departed"]


def test_an_update_delivers_nothing_twice(mapped: Map, kinesis: Any, functions: Any) -> None:
    """While a slow function works at it; afterwards the mapping is enabled, and says so."""
    uuid = mapped("time.sleep(0.3)", BatchSize=1)
    put(kinesis, *(("a", str(number)) for number in range(20)))
    until(lambda: taken(kinesis), 60)
    functions.update_event_source_mapping(UUID=uuid, BatchSize=5)
    until(lambda: len(taken(kinesis)) >= 20, 60)
    assert [int(data) for _, data in taken(kinesis)] == list(range(20))
    assert functions.get_event_source_mapping(UUID=uuid)["State"] == "Enabled"


def test_a_batch_that_an_update_of_the_function_ends_costs_no_retry(
    mapped: Map, kinesis: Any, functions: Any
) -> None:
    """It comes again to the new code, though no retry is allowed."""
    uuid = mapped("tell(began=len(data))\n    time.sleep(6)", MaximumRetryAttempts=0)
    name = functions.get_event_source_mapping(UUID=uuid)["FunctionArn"].split(":")[-1]
    put(kinesis, ("a", "0"))
    until(lambda: told(kinesis), 60)
    source = SOURCE.replace("{body}", "pass")
    functions.update_function_code(FunctionName=name, ZipFile=zipped("app.py", source))
    until(lambda: taken(kinesis), 60)
    assert taken(kinesis) == [["a", "0"]]


def test_records_that_a_filter_cannot_read_stop_nobody(mapped: Map, kinesis: Any) -> None:
    """They do not match: one that is nested too deeply, and one of another type."""
    pattern = json.dumps({"data": {"x": [{"prefix": {"equals-ignore-case": "a"}}]}})
    mapped(FilterCriteria={"Filters": [{"Pattern": pattern}]})
    put(kinesis, ("a", '{"x": 5}'), ("a", "[" * 100_000), ("a", '{"x": "Abc"}'))
    until(lambda: taken(kinesis), 60)
    assert [json.loads(data) for _, data in taken(kinesis)] == [{"x": "Abc"}]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"MaximumRecordAgeInSeconds": 5}, id="age"),
        pytest.param({"ParallelizationFactor": 11}, id="lanes"),
        pytest.param({"StartingPosition": "AT_TIMESTAMP"}, id="no time"),
    ],
)
def test_settings_beyond_aws_s_are_refused(mapped: Map, settings: dict[str, Any]) -> None:
    """When the mapping is made."""
    with pytest.raises(ClientError, match="InvalidParameterValueException"):
        mapped(**settings)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"TumblingWindowInSeconds": 60, "ParallelizationFactor": 2}, "TumblingWindowInSeconds"),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 1}}, "ProvisionedPollerConfig"),
    ],
)
def test_what_is_not_honoured_is_refused_by_name(mapped: Map, settings: dict[str, Any], name: str) -> None:
    """And not accepted and ignored."""
    with pytest.raises(ClientError, match=f"does not support {name}"):
        mapped(**settings)


def test_a_stream_made_anew_begins_at_the_starting_position(mapped: Map, kinesis: Any) -> None:
    """What the stream that had its name left behind is forgotten."""
    mapped()
    put(kinesis, ("a", "old"))
    until(lambda: taken(kinesis), 60)
    kinesis.delete_stream(StreamName=STREAM)
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    put(kinesis, *(("a", str(number)) for number in range(5)))
    until(lambda: len(taken(kinesis)) >= 6, 60)
    assert of_key(taken(kinesis), "a") == ["old", "0", "1", "2", "3", "4"]


def test_a_paused_mapping_can_be_deleted(mapped: Map, functions: Any) -> None:
    """It is gone, and another may be made."""
    uuid = mapped()
    functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    wait_for(functions, uuid, "Disabled")
    functions.delete_event_source_mapping(UUID=uuid)
    until(lambda: uuid not in listed(functions), 30)


def listed(functions: Any) -> list[str]:
    """Return the mappings that there are."""
    return [each["UUID"] for each in functions.list_event_source_mappings()["EventSourceMappings"]]
