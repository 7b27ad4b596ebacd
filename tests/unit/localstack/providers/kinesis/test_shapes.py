"""The table of requests says what botocore's current model says."""

from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from localstack.providers.kinesis.engine import OPERATIONS as ANSWERED
from localstack.providers.kinesis.shapes import (
    OPERATIONS,
    REFUSED,
    Blob,
    Fields,
    Flag,
    Many,
    Moment,
    Number,
    Pairs,
    Text,
    Unsupported,
)
from localstack.providers.kinesis.shapes import Shape as Ours

MODEL = botocore.session.get_session().get_service_model("kinesis")


def of_model(shape: Shape) -> Ours:
    """Return botocore's shape in our words."""
    least: Any = shape.metadata.get("min")
    most: Any = shape.metadata.get("max")
    match shape:
        case StructureShape():
            members = {name: of_model(member) for name, member in shape.members.items()}
            return Fields(members, frozenset(shape.required_members))
        case ListShape():
            return Many(of_model(shape.member), least, most)
        case MapShape():
            key, value = of_model(shape.key), of_model(shape.value)
            assert isinstance(key, Text)
            assert isinstance(value, Text)
            return Pairs(key, value, least, most)
        case _:
            return of_scalar(shape, least, most)


def of_scalar(shape: Any, least: Any, most: Any) -> Ours:
    """Return a scalar in our words."""
    match shape.type_name:
        case "string":
            return Text(least, most, shape.metadata.get("pattern"), tuple(shape.enum))
        case "integer" | "long":
            return Number(least, most)
        case "boolean":
            return Flag()
        case "timestamp":
            return Moment()
        case "blob":
            return Blob(most)
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


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_a_request_may_hold_what_the_model_says(operation: str) -> None:
    """Names, types, limits, patterns and what is required."""
    shape = MODEL.operation_model(operation).input_shape
    model = of_model(shape) if shape else Fields({})
    assert agree(OPERATIONS[operation], model), f"{OPERATIONS[operation]}\n{model}"


def test_every_refusal_is_documented() -> None:
    """Operations and members, by name."""
    page = Path("docs/kinesis.md").read_text(encoding="utf-8")
    members = {
        name
        for shape in OPERATIONS.values()
        for name, member in shape.members.items()
        if isinstance(member, Unsupported)
    }
    assert {"DryRun", "StreamId"} < members
    assert [name for name in sorted(REFUSED | members) if f"`{name}`" not in page] == []


def test_every_operation_is_answered_or_refused() -> None:
    """None is left out, and none is in both lists."""
    assert set(MODEL.operation_names) == set(OPERATIONS) | REFUSED
    assert not OPERATIONS.keys() & REFUSED
    assert OPERATIONS.keys() == ANSWERED
