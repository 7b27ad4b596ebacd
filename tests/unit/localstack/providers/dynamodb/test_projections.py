"""Parts of items."""

from typing import Any

import pytest

from localstack.providers.dynamodb.errors import DynamoDBError
from localstack.providers.dynamodb.projections import check_overlap, path_of, projected

ITEM: dict[str, Any] = {
    "id": {"S": "a"},
    "n": {"N": "1.50"},
    "m": {"M": {"x": {"N": "1"}, "y": {"L": [{"S": "p"}, {"M": {"z": {"BOOL": True}}}]}}},
}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        pytest.param("n", {"n": {"N": "1.50"}}, id="an attribute as it was written"),
        pytest.param("id, absent", {"id": {"S": "a"}}, id="what is not there is left out"),
        pytest.param(
            "m.x,m.y[1].z",
            {"m": {"M": {"x": {"N": "1"}, "y": {"L": [{"M": {"z": {"BOOL": True}}}]}}}},
            id="deeper",
        ),
        pytest.param("m.y[1], m.y[0]", {"m": {"M": {"y": ITEM["m"]["M"]["y"]}}}, id="in the list's order"),
        pytest.param("m.y[2], n.x, n[0], m[0]", {}, id="nothing"),
        pytest.param("#m.#x", {"m": {"M": {"x": {"N": "1"}}}}, id="by names"),
    ],
)
def test_an_item_s_parts(expression: str, found: dict[str, Any]) -> None:
    """Of a projection's paths."""
    paths = [path_of(text, {"#m": "m", "#x": "x"}) for text in expression.split(",")]
    check_overlap(paths)
    assert projected(ITEM, paths) == found


def test_a_path_within_another_is_refused() -> None:
    """As it would be there twice."""
    with pytest.raises(DynamoDBError, match=r"path one: \[m\], path two: \[m, x\]"):
        check_overlap([("id",), ("m", "x"), ("m",)])
