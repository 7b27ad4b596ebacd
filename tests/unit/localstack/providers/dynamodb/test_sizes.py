"""An item's size is what AWS's rules make it."""

from typing import Any

import pytest

from localstack.providers.dynamodb.sizes import item_size, number_size, value_size


@pytest.mark.parametrize(
    ("value", "size"),
    [
        pytest.param({"S": ""}, 0, id="empty text"),
        pytest.param({"S": "né"}, 3, id="UTF-8"),
        pytest.param({"B": "AAEC"}, 3, id="three bytes"),
        pytest.param({"B": "AA=="}, 1, id="one byte"),
        pytest.param({"B": ""}, 0, id="no bytes"),
        pytest.param({"BOOL": False}, 1, id="boolean"),
        pytest.param({"NULL": True}, 1, id="null"),
        pytest.param({"L": []}, 3, id="empty list"),
        pytest.param({"L": [{"S": "ab"}, {"N": "1"}]}, 3 + 1 + 2 + 1 + 2, id="list"),
        pytest.param({"M": {"key": {"S": "ab"}}}, 3 + 1 + 3 + 2, id="map"),
        pytest.param({"SS": ["a", "bc"]}, 3, id="texts"),
        pytest.param({"NS": ["1", "1000", "12345"]}, 2 + 2 + 4, id="numbers"),
        pytest.param({"BS": ["AAEC", "AA=="]}, 4, id="binaries"),
    ],
)
def test_a_value_has_its_type_s_size(value: dict[str, Any], size: int) -> None:
    """Containers cost 3 bytes and 1 an element, sets nothing."""
    assert value_size(value) == size


@pytest.mark.parametrize(
    ("number", "size"),
    [("0", 1), ("0.0", 1), ("1", 2), ("10", 2), ("99", 2), ("100.0", 2), ("-0.00123", 3), ("9" * 38, 20)],
)
def test_a_number_costs_a_byte_for_two_digits(number: str, size: int) -> None:
    """Zeros before and behind are not significant, and all 38 digits count."""
    assert number_size(number) == size


def test_names_count() -> None:
    """An attribute costs its name, in UTF-8, and its value."""
    assert item_size({"é": {"S": "a"}, "id": {"N": "12"}}) == 3 + 4
