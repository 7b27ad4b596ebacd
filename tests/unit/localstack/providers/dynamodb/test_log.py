"""A shard's lines: read as they were written, small, and trimmed."""

import random

import orjson
import pytest

from localstack.providers.dynamodb.log import BLOCK_LINES, Log

MANY = 3 * BLOCK_LINES + 5


def filled(lines: int = MANY) -> Log:
    """Return a log with a line a second."""
    log = Log()
    for number in range(lines):
        log.append(b"line %d" % number, float(number))
    return log


@pytest.mark.parametrize("start", [0, 1, BLOCK_LINES - 1, BLOCK_LINES, 3 * BLOCK_LINES, MANY - 1, MANY])
@pytest.mark.parametrize("limit", [1, BLOCK_LINES, 1000])
def test_lines_are_read_from_anywhere(start: int, limit: int) -> None:
    """Across blocks and the tail, in order, up to the limit."""
    expected = [b"line %d" % number for number in range(MANY)][start : start + limit]
    assert filled().read(start, limit, 10**9) == expected


def test_a_read_ends_at_its_bytes() -> None:
    """As many lines as fit, and one that fits nowhere on its own."""
    log = Log()
    for _ in range(3):
        log.append(b"x" * 10, 0.0)
    assert [len(log.read(0, 9, most)) for most in (5, 19, 20, 30)] == [1, 1, 2, 3]


def test_old_lines_are_forgotten_block_by_block() -> None:
    """A block goes once its last line is old; positions stay; in the end all go."""
    log = filled()
    log.trim(BLOCK_LINES - 1)
    assert log.first == 0
    log.trim(BLOCK_LINES + 1)
    assert log.first == BLOCK_LINES
    assert log.read(BLOCK_LINES, 1, 99) == [b"line %d" % BLOCK_LINES]
    log.trim(MANY)
    assert (log.first, log.end, log.read(MANY, 1, 99)) == (MANY, MANY, [])
    log.append(b"new", 1e9)
    assert log.read(MANY, 1, 99) == [b"new"]


def test_a_record_takes_little_memory() -> None:
    """A change of 12 attributes, with both images, is some 840 bytes of JSON and under 300 in memory."""
    log, chance = Log(), random.Random(2013)  # noqa: S311  # a reproducible table
    size = 0
    for number in range(10 * BLOCK_LINES):
        image = {f"attribute_{each}": {"S": f"{chance.random():.9f}"} for each in range(12)}
        line = orjson.dumps({"number": number, "old": image, "new": image | {"attribute_3": {"N": "1"}}})
        size += len(line)
        log.append(line, 0.0)
    assert size / log.end > 800
    assert log.memory_bytes / log.end < 300
