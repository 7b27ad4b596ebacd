"""The functions in the local cloud: from Kinesis to board, alerts and dead letters, and the load."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import wiring
from app.commands.bootstrap import deploy_functions, leave_out_board, prepare
from app.demo.board import BoardWatch
from app.demo.throttle import LEAST_THROTTLES, Throttle
from contracts.board import BoardFlight
from contracts.events import FlightEvent, FlightKey, Kind
from contracts.streams import FLIGHT_EVENTS_STREAM
from localstack.bootstrap.change import ResourceDiffersError
from runtime.settings import Settings
from tests.support.functions import client
from tests.support.lake import LakeWriter, flight_event
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(240)
NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)
HOURS: dict[Kind, int] = {"scheduled": -20, "departed": 1, "arrived": 4}
LATE: dict[Kind, int | None] = {"scheduled": None, "departed": 90, "arrived": 30}
ON_TIME: dict[Kind, int | None] = {"scheduled": None, "departed": 0, "arrived": 0}


@pytest.fixture
def deployed(world: Settings) -> Settings:
    """Deploy all functions to a prepared world."""
    prepare(world)
    lines = deploy_functions(world)
    assert actions(lines) == {"created"}
    return world


def event(number: int, kind: Kind) -> FlightEvent:
    """One event of a flight; those with odd numbers leave 90 minutes late."""
    key = FlightKey("AA", number, "JFK", NOON)
    delay = (LATE if number % 2 else ON_TIME)[kind]
    return FlightEvent(key, kind, NOON + timedelta(hours=HOURS[kind]), "LAX", None, NOON, delay)


def put(world: Settings, *records: tuple[str, bytes]) -> list[str]:
    """Put records by partition key, and return their sequence numbers."""
    kinesis = client(world, "kinesis")
    entries = [{"PartitionKey": key, "Data": data} for key, data in records]
    answer = kinesis.put_records(StreamName=FLIGHT_EVENTS_STREAM, Records=entries)
    assert answer["FailedRecordCount"] == 0
    return [each["SequenceNumber"] for each in answer["Records"]]


def board(world: Settings) -> list[BoardFlight]:
    """All that the board shows."""
    pages = client(world, "dynamodb").get_paginator("scan").paginate(TableName=world.board)
    return [BoardFlight.of_item(item) for page in pages for item in page["Items"]]


def letters(world: Settings, name: str) -> list[Any]:
    """All messages of a queue, taken out of it."""
    sqs = client(world, "sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_events_reach_the_board_and_late_flights_raise_alerts(deployed: Settings) -> None:
    """Newest first, then late ones and copies; records that are no events end as positions in the queue."""
    arrived = [event(number, "arrived") for number in range(40)]
    departed = [event(number, "departed") for number in range(60)]
    scheduled = [event(number, "scheduled") for number in range(80)]
    put(deployed, *((each.partition_key, each.to_json()) for each in departed))
    until(lambda: len(board(deployed)) == 60, 60)
    (poison,) = put(deployed, ("AA1", b'{"kind": "teleported"}'))
    put(deployed, *((each.partition_key, each.to_json()) for each in arrived + departed + scheduled))
    until(lambda: Counter(each.status for each in board(deployed))["scheduled"] == 20, 60)
    assert Counter(each.status for each in board(deployed)) == {
        "arrived": 40,
        "departed": 20,
        "scheduled": 20,
    }
    dynamodb = client(deployed, "dynamodb")
    (counter,) = dynamodb.scan(TableName=deployed.counters)["Items"]
    assert {name: int(counter[name]["N"]) for name in ("arrived", "departed", "scheduled")} == {
        "arrived": 40,
        "departed": 20,
        "scheduled": 20,
    }
    until(lambda: dynamodb.scan(TableName=deployed.alerts)["Count"] == 30, 30)
    assert {each["flight"] for each in letters(deployed, deployed.alerts)} == {
        each.flight for each in board(deployed) if each.number % 2 and each.number < 60
    }
    (letter,) = until(lambda: letters(deployed, "flight-board-dead-letters"), 60)
    position = letter["KinesisBatchInfo"]
    assert (position["startSequenceNumber"], position["endSequenceNumber"]) == (poison, poison)
    assert letter["requestContext"]["condition"] == "RetryAttemptsExhausted"


def actions(lines: list[str]) -> set[str]:
    """What was done, of lines such as `function flight-board: updated`."""
    return {line.rsplit(" ", 1)[1] for line in lines}


def test_deploying_again_changes_nothing_and_other_settings_are_an_update(
    deployed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for all resources; what was half made, or harmed, is mended."""
    functions, events = client(deployed, "lambda"), client(deployed, "events")
    functions.put_function_concurrency(FunctionName="flight-board", ReservedConcurrentExecutions=0)
    events.remove_targets(Rule="load-warehouse", Ids=["load-warehouse"])
    assert "schedule of load-warehouse: updated" in deploy_functions(deployed)
    events.disable_rule(Name="load-warehouse")
    (mapping,) = functions.list_event_source_mappings(FunctionName="flight-board")["EventSourceMappings"]
    pattern = {"Filters": [{"Pattern": '{"data": {"kind": ["arrived"]}}'}]}
    functions.update_event_source_mapping(
        UUID=mapping["UUID"], FilterCriteria=pattern, ParallelizationFactor=2
    )
    there = functions.get_function_configuration(FunctionName="delay-alerts")["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName="delay-alerts", Environment={"Variables": there | {"LEFT_OVER": "1"}}
    )
    functions.get_waiter("function_updated_v2").wait(FunctionName="delay-alerts", WaiterConfig={"Delay": 1})
    lines = deploy_functions(deployed)
    assert [line for line in lines if line.endswith("updated")] == [
        "mapping flight-events to flight-board: updated",
        "function delay-alerts: updated",
        "schedule of load-warehouse: updated",
    ]
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(
        FunctionName="flight-board"
    )
    assert events.list_targets_by_rule(Rule="load-warehouse")["Targets"]
    assert events.describe_rule(Name="load-warehouse")["State"] == "ENABLED"
    assert not functions.get_event_source_mapping(UUID=mapping["UUID"]).get("FilterCriteria")
    assert actions(deploy_functions(deployed)) == {"unchanged"}
    monkeypatch.setenv("MILLRACE_ALERTS", "elsewhere")
    lines = deploy_functions(Settings.from_env())
    assert [line for line in lines if line.startswith("function ")] == [
        f"function {name}: updated" for name in ("flight-board", "delay-alerts", "load-warehouse")
    ]


def test_a_mapping_that_began_elsewhere_is_left_as_it_is(deployed: Settings) -> None:
    """It cannot begin again: the error says so, with both positions."""
    functions = client(deployed, "lambda")
    (there,) = functions.list_event_source_mappings(FunctionName="flight-board")["EventSourceMappings"]
    functions.delete_event_source_mapping(UUID=there["UUID"])
    until(
        lambda: not functions.list_event_source_mappings(FunctionName="flight-board")["EventSourceMappings"],
        30,
    )
    functions.create_event_source_mapping(
        FunctionName="flight-board", EventSourceArn=there["EventSourceArn"], StartingPosition="LATEST"
    )
    with pytest.raises(
        ResourceDiffersError,
        match="mapping flight-events to flight-board is there with starting position LATEST "
        "and is to have starting position TRIM_HORIZON",
    ):
        deploy_functions(deployed)


def test_a_table_that_has_lost_its_stream_gets_one(world: Settings) -> None:
    """Or the mapping of its alerts could not be made."""
    prepare(world)
    dynamodb = client(world, "dynamodb")
    dynamodb.update_table(TableName=world.board, StreamSpecification={"StreamEnabled": False})
    assert [line for line in prepare(world) if line.endswith("updated")] == [f"table {world.board}: updated"]
    assert actions(deploy_functions(world)) == {"created"}


def test_a_table_that_expires_otherwise_is_left_as_it_is(world: Settings) -> None:
    """AWS takes hours to change the attribute: the error says so, with both."""
    dynamodb = client(world, "dynamodb")
    dynamodb.create_table(
        TableName=world.alerts,
        KeySchema=[{"AttributeName": "flight", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "flight", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    ttl = {"Enabled": True, "AttributeName": "old"}
    dynamodb.update_time_to_live(TableName=world.alerts, TimeToLiveSpecification=ttl)
    with pytest.raises(ResourceDiffersError, match="expiry by old and is to have expiry by expires_at"):
        prepare(world)


def test_a_permission_for_another_bucket_is_replaced(deployed: Settings) -> None:
    """The lake was renamed: the older bucket's notifications no longer invoke the function."""
    functions, s3 = client(deployed, "lambda"), client(deployed, "s3")
    functions.remove_permission(FunctionName="load-warehouse", StatementId="s3")
    functions.add_permission(
        FunctionName="load-warehouse",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::another",
    )
    s3.put_bucket_notification_configuration(Bucket=deployed.lake, NotificationConfiguration={})
    deploy_functions(deployed)
    policy = json.loads(functions.get_policy(FunctionName="load-warehouse")["Policy"])
    (statement,) = (each for each in policy["Statement"] if each["Sid"] == "s3")
    assert statement["Condition"]["ArnLike"]["AWS:SourceArn"] == f"arn:aws:s3:::{deployed.lake}"


def test_a_throttled_function_takes_all_that_waited(deployed: Settings) -> None:
    """While it has no concurrency it is refused, and counted; then the board is right."""
    throttle, functions = Throttle("flight-board"), client(deployed, "lambda")

    def reserved() -> int | None:
        answer = functions.get_function_concurrency(FunctionName="flight-board")
        found: int | None = answer.get("ReservedConcurrentExecutions")
        return found

    throttle.begin()
    assert reserved() == 0
    scheduled = [event(number, "scheduled") for number in range(8)]
    put(deployed, *((each.partition_key, each.to_json()) for each in scheduled))
    until(lambda: throttle.throttles() >= LEAST_THROTTLES, 60)
    assert board(deployed) == []
    throttle.look()
    assert reserved() is None
    until(lambda: len(board(deployed)) == 8, 60)
    throttle.end()  # again, which changes nothing
    assert throttle.throttles() >= LEAST_THROTTLES


def test_a_function_that_is_left_out_takes_nothing_until_it_is_deployed(deployed: Settings) -> None:
    """And then all that came meanwhile."""
    leave_out_board()
    functions = client(deployed, "lambda")

    def state() -> str:
        (there,) = functions.list_event_source_mappings(FunctionName="flight-board")["EventSourceMappings"]
        return str(there["State"])

    until(lambda: state() == "Disabled", 30)
    scheduled = event(1, "scheduled")
    put(deployed, (scheduled.partition_key, scheduled.to_json()))
    lines = deploy_functions(deployed)
    assert [each for each in lines if each.endswith("updated")] == [
        "mapping flight-events to flight-board: updated",
        f"mapping {deployed.board} to delay-alerts: updated",
    ]
    until(lambda: len(board(deployed)) == 1, 60)


def test_a_board_that_is_wrong_is_found(deployed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once nothing moves any more: flights that lack, a poison record without a letter, no throttle."""
    monkeypatch.setattr("app.demo.board.STALLED_SECONDS", 0.5)
    watch = BoardWatch(deployed, [NOON.date()])
    outcome = watch.outcome(["0" * 64], lambda _right, _total: None)
    (flights, counters) = outcome.checks
    assert {each.column for each in flights.differences} == {"(rows)"}
    assert len(flights.differences) == flights.expected_rows > 900
    assert counters.differences == ()
    assert (outcome.is_right, outcome.poison, outcome.dead_letters, outcome.throttles) == (False, 1, 0, 0)


def records_loaded(world: Settings) -> int:
    """How many records the ledger covers."""
    sql = "select coalesce(sum(records), 0)::bigint from etl_ledger"
    ((records,),) = wiring.warehouse(world).query(sql).rows
    return int(records)


def test_a_manifest_is_loaded_when_it_is_written(deployed: Settings) -> None:
    """By its notification; another that comes while it is throttled is loaded too."""
    lake = LakeWriter(wiring.lake(deployed))
    lake.flights([flight_event("scheduled", -900), flight_event("departed", 20)])
    until(lambda: records_loaded(deployed) == 2, 60)
    for number in range(2, 12):
        lake.flights([flight_event("departed", 20, number)])
    until(lambda: records_loaded(deployed) == 12, 60)


@pytest.mark.long
def test_a_manifest_whose_notification_is_lost_is_loaded_within_a_minute(deployed: Settings) -> None:
    """By the schedule."""
    client(deployed, "s3").put_bucket_notification_configuration(
        Bucket=deployed.lake, NotificationConfiguration={}
    )
    LakeWriter(wiring.lake(deployed)).flights([flight_event("departed", 20)])
    until(lambda: records_loaded(deployed) == 1, 100)
