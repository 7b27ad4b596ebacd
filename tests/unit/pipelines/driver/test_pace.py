"""A batch lasts about a second, takes more of a backlog, and never more than the memory's bound."""

import pytest

from pipelines.driver.pace import LEAST_BYTES, MOST_BYTES, Pace

MIB = 2**20


@pytest.mark.parametrize(
    ("runs", "shards", "waiting", "expected"),
    [
        pytest.param([], 4, 0, MOST_BYTES, id="the first takes a backlog"),
        pytest.param([(16 * MIB, 2.0)], 4, 0, 2 * MIB, id="a second's work, shared by the shards"),
        pytest.param([(16 * MIB, 2.0)], 4, 12 * MIB, 6 * MIB, id="half of what waits"),
        pytest.param([(16 * MIB, 2.0)], 4, 90 * MIB, MOST_BYTES, id="but no more than the bound"),
        pytest.param([(16 * MIB, 0.1)], 1, 0, MOST_BYTES, id="a fast run has the same bound"),
        pytest.param([(2 * MIB, 9.0)], 4, 0, LEAST_BYTES, id="a slow one takes enough to be worth a run"),
        pytest.param([(8 * MIB, 1.0), (4 * MIB, 1.0)], 1, 0, 6 * MIB, id="the newest run weighs half"),
        pytest.param([(8 * MIB, 1.0), (100, 1.0)], 1, 0, 8 * MIB, id="a run of little says nothing"),
    ],
)
def test_a_run_takes_what_it_does_in_a_second(
    runs: list[tuple[int, float]], shards: int, waiting: int, expected: int
) -> None:
    """Or half of what waits; learned from the runs before, within the bounds."""
    pace = Pace()
    for run in runs:
        pace.ran(*run)
    assert pace.most_bytes(shards, waiting) == expected
