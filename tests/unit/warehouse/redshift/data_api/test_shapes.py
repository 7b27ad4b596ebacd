"""The table of requests says what botocore's current model says, and so does every answer."""

import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, StructureShape

from tests.unit.warehouse.redshift.data_api.support import TARGET, UNKNOWN, batch, execute
from warehouse.redshift.data_api.errors import DataApiError
from warehouse.redshift.data_api.operations import DataApi
from warehouse.redshift.data_api.shapes import OPERATIONS, Fields, Flag, Many, Number, Text, Unsupported
from warehouse.redshift.data_api.shapes import Shape as Ours

MODEL = botocore.session.get_session().get_service_model("redshift-data")
PAGE = Path("docs/redshift-data-api.md")


def of_model(shape: Any) -> Ours:
    """Return botocore's shape in our words."""
    least: Any = shape.metadata.get("min")
    most: Any = shape.metadata.get("max")
    match shape:
        case StructureShape():
            members = {name: of_model(member) for name, member in shape.members.items()}
            return Fields(members, frozenset(shape.required_members))
        case ListShape():
            return Many(of_model(shape.member), least, most)
    match shape.type_name:
        case "string":
            return Text(least, most, shape.metadata.get("pattern"), tuple(shape.enum))
        case "integer":
            return Number(least, most)
        case "boolean":
            return Flag()
    raise AssertionError(shape.type_name)


def agree(ours: Ours, model: Ours) -> bool:
    """Return whether both are the same, but for what we refuse by name."""
    match ours, model:
        case Unsupported(), _:
            return True
        case Fields(), Fields():
            return (
                ours.members.keys() == model.members.keys()
                and ours.required == model.required
                and all(agree(ours.members[name], model.members[name]) for name in ours.members)
            )
        case Many(), Many():
            return (ours.least, ours.most) == (model.least, model.most) and agree(ours.of, model.of)
    return ours == model


def check_answer(shape: Any, value: Any, path: str) -> None:
    """Hold an answer against the model: no member that it does not have, none missing that it must have."""
    match shape:
        case StructureShape():
            assert value.keys() <= shape.members.keys(), path
            assert set(shape.required_members) <= value.keys(), path
            for name, member in value.items():
                check_answer(shape.members[name], member, f"{path}.{name}")
        case ListShape():
            for member in value:
                check_answer(shape.member, member, path)
        case _:
            kinds: dict[str, Any] = {"string": str, "boolean": bool, "integer": int, "long": int, "blob": str}
            assert isinstance(value, kinds.get(shape.type_name, (int, float))), path
            if pattern := shape.metadata.get("pattern"):
                assert re.fullmatch(pattern, value), path
            if choices := getattr(shape, "enum", ()):
                assert value in choices, path


def test_every_operation_is_there() -> None:
    """None is left out: a new one of AWS's fails here until it is honoured or refused."""
    assert set(MODEL.operation_names) == OPERATIONS.keys()


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_a_request_may_hold_what_the_model_says(operation: str) -> None:
    """Names, types, limits, patterns and what is required."""
    model = of_model(MODEL.operation_model(operation).input_shape)
    assert agree(OPERATIONS[operation], model), f"{OPERATIONS[operation]}\n{model}"


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_operation_and_member_is_documented(operation: str) -> None:
    """In the operation's own section, as honoured or refused."""
    sections = PAGE.read_text(encoding="utf-8").split("\n### ")
    (section,) = [each for each in sections if each.startswith(f"{operation}\n")]
    members = OPERATIONS[operation].members
    assert [name for name in members if f"| `{name}` |" not in section] == []
    refused = [name for name, shape in members.items() if isinstance(shape, Unsupported)]
    assert [name for name in refused if f"| `{name}` | refused" not in section] == []


def test_every_answer_is_of_the_models_shape(api: DataApi) -> None:
    """Members, types and patterns of all twelve."""
    execute(api, "create table t (a integer not null default 7, b varchar(16))")
    kept = execute(api, "select 1 as a", SessionKeepAliveSeconds=60, StatementName="one")
    in_csv = execute(api, "select 1 as a", ResultFormat="CSV")
    parameters = [{"name": "x", "value": "1"}]
    parts = batch(
        api, "select :x", "select * from nowhere", Parameters=parameters, ExecutionMode="AUTO_COMMIT"
    )
    database = {"ClusterIdentifier": "millrace", "Database": "dev"}
    requests: list[tuple[str, dict[str, Any]]] = [
        ("BatchExecuteStatement", TARGET | {"Sqls": ["select 1"], "WaitTimeSeconds": 9}),
        ("DescribeStatement", {"Id": kept["Id"]}),
        ("DescribeStatement", {"Id": parts["Id"]}),
        ("DescribeStatement", {"Id": f"{parts['Id']}:2"}),
        ("DescribeTable", database | {"Table": "t"}),
        ("ExecuteStatement", TARGET | {"Sql": "select 1", "SessionKeepAliveSeconds": 9}),
        ("GetStatementResult", {"Id": kept["Id"]}),
        ("GetStatementResultV2", {"Id": in_csv["Id"]}),
        ("ListDatabases", database),
        ("ListSchemas", database),
        ("ListSessions", {}),
        ("ListStatements", {"Status": "ALL"}),
        ("ListTables", database),
    ]
    for operation, request in requests:
        output = MODEL.operation_model(operation).output_shape
        check_answer(output, api.call(operation, request), operation)
    assert {operation for operation, _ in requests} | {"CancelStatement"} == OPERATIONS.keys()


@pytest.mark.parametrize(
    ("operation", "request_", "code", "message"),
    [
        pytest.param(
            "CreateModel", {}, "ValidationException", "operation `CreateModel` is not supp", id="another"
        ),
        pytest.param("ExecuteStatement", {}, "ValidationException", "null at 'Sql' failed", id="no SQL"),
        pytest.param(
            "ExecuteStatement", {"Sql": 7}, "SerializationException", "Sql must be a S", id="number"
        ),
        pytest.param(
            "ExecuteStatement", {"Sql": "\ud800"}, "SerializationException", "not Unicode", id="half a pair"
        ),
        pytest.param(
            "ExecuteStatement",
            {"Sql": "select 1", "NewMember": 1},
            "ValidationException",
            "NewMember is not supported",
            id="a member that is new",
        ),
        pytest.param(
            "ExecuteStatement",
            {"Sql": "select 1", "WorkgroupName": "wg1"},
            "ValidationException",
            "WorkgroupName is not supported by this warehouse; this warehouse is a cluster",
            id="a workgroup",
        ),
        pytest.param(
            "ExecuteStatement",
            {"Sql": "select 1", "SecretArn": "arn"},
            "ValidationException",
            "SecretArn is not supported by this warehouse; no secret is read here",
            id="a secret",
        ),
        pytest.param(
            "ExecuteStatement",
            {"Sql": "select 1", "ResultFormat": "XML", "WaitTimeSeconds": 31},
            "ValidationException",
            "2 validation errors detected: Value 'XML' at 'ResultFormat' .*enum value set: .JSON, CSV.; "
            "Value '31' at 'WaitTimeSeconds' .*less than or equal to 30",
            id="two constraints",
        ),
        pytest.param(
            "ExecuteStatement",
            {"Sql": "select 1", "WithEvent": "yes"},
            "SerializationException",
            "WithEvent must be a Boolean",
            id="no flag",
        ),
        pytest.param(
            "ExecuteStatement",
            {"Sql": "select 1", "WaitTimeSeconds": True},
            "SerializationException",
            "WaitTimeSeconds must be an Integer",
            id="no number",
        ),
        pytest.param(
            "ExecuteStatement",
            {"Sql": "select 1", "SessionKeepAliveSeconds": -1},
            "ValidationException",
            "greater than or equal to 0",
            id="too small",
        ),
        pytest.param(
            "ExecuteStatement",
            {"Sql": "select :a", "Parameters": [{"name": "a"}]},
            "ValidationException",
            "null at 'Parameters.1.value'",
            id="a parameter without a value",
        ),
        pytest.param(
            "ExecuteStatement",
            {"Sql": "select :a", "Parameters": ["a"]},
            "SerializationException",
            "Parameters.1 must be a structure",
            id="a parameter that is none",
        ),
        pytest.param("BatchExecuteStatement", {}, "ValidationException", "null at 'Sqls'", id="no batch"),
        pytest.param(
            "BatchExecuteStatement", {"Sqls": "a"}, "SerializationException", "must be a list", id="no list"
        ),
        pytest.param(
            "BatchExecuteStatement",
            {"Sqls": ["select 1"] * 41},
            "ValidationException",
            "length less than or equal to 40",
            id="too many",
        ),
        pytest.param(
            "BatchExecuteStatement", {"Sqls": []}, "ValidationException", "greater than or equal", id="none"
        ),
        pytest.param(
            "DescribeStatement", {"Id": "x"}, "ValidationException", "regular expression", id="no identifier"
        ),
        pytest.param(
            "GetStatementResult", {"Id": f"{UNKNOWN}:123"}, "ValidationException", "regular", id="no part"
        ),
    ],
)
def test_what_is_not_valid_is_refused_with_awss_code(
    api: DataApi, operation: str, request_: dict[str, Any], code: str, message: str
) -> None:
    """By name, and before anything runs."""
    with pytest.raises(DataApiError, match=message) as caught:
        api.call(operation, request_)
    assert caught.value.code == code


def test_a_member_that_is_null_is_not_there(api: DataApi) -> None:
    """As JSON's clients write what they leave out."""
    assert execute(api, "select 1", WorkgroupName=None, SessionId=None)["Status"] == "FINISHED"
