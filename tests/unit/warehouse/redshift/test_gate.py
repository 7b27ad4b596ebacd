"""The gate: many pass, and while it is closed nobody does."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from warehouse.redshift.gate import Gate, GateBusyError, Gates


def test_who_comes_while_it_is_closed_waits_until_it_opens() -> None:
    """And many are inside at once."""
    gate, passed = Gate(), Event()

    def pass_by() -> None:
        with gate.passing():
            passed.set()

    with ThreadPoolExecutor(1) as pool:
        with gate.closed(0.0):
            waiting = pool.submit(pass_by)
            assert not passed.wait(0.05)
        waiting.result(10)
    with gate.passing(), gate.passing():
        assert passed.is_set()


def test_it_closes_when_those_inside_have_left() -> None:
    """Not before."""
    gate, is_inside, may_leave = Gate(), Event(), Event()

    def stay() -> None:
        with gate.passing():
            is_inside.set()
            assert may_leave.wait(10)

    with ThreadPoolExecutor(1) as pool:
        staying = pool.submit(stay)
        assert is_inside.wait(10)
        with pytest.raises(GateBusyError, match="statements ran for more than"), gate.closed(0.01):
            pass
        with gate.passing():  # a gate that could not be closed is open
            may_leave.set()
            staying.result(10)
        with gate.closed(10):
            pass


def test_it_opens_when_the_block_fails() -> None:
    """For whoever comes then."""
    gate = Gate()
    with pytest.raises(ZeroDivisionError), gate.closed(0.0):
        _ = 1 / 0
    with gate.passing():
        pass


def test_readers_pass_while_writers_are_held() -> None:
    """A pass becomes a writer's when something is written, and once only."""
    gates = Gates()
    with gates.writers.closed(0.0), gates.passing():
        pass
    with gates.passing() as write:
        with gates.writers.closed(0.0):
            pass
        write()
        write()
        with pytest.raises(GateBusyError), gates.writers.closed(0.0):
            pass
    with gates.writers.closed(0.0), gates.statements.closed(0.0):
        pass
