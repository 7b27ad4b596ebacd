"""The server among many clients: those that vanish, cancel, read slowly, or come all at once."""

import socket
from concurrent.futures import ThreadPoolExecutor
from struct import pack
from threading import Thread
from time import monotonic, sleep

import pytest

from tests.unit.warehouse.redshift.test_session import SLOW
from tests.unit.warehouse.redshift.wire.client import (
    SYNC,
    Client,
    bind,
    error,
    execute,
    message,
    parse,
    rows,
    state,
    text,
)
from tests.unit.warehouse.redshift.wire.conftest import LIMIT
from warehouse.redshift.engine import Engine
from warehouse.redshift.history import FIRST_PID
from warehouse.redshift.wire.connections import Connections
from warehouse.redshift.wire.server import WireServer

CANCEL = 80_877_102


def make_big(engine: Engine) -> None:
    """Make the table of the slow join."""
    values = ", ".join(f"({number})" for number in range(3000))
    engine.execute(["create table big (a integer)", f"insert into big values {values}"])  # noqa: S608  # ours


def cancel(port: int, pid: int, secret: int) -> None:
    """Send a CancelRequest, and wait until the server has closed its connection."""
    with Client(port) as other:
        other.send(pack("!iiii", 16, CANCEL, pid, secret))
        with pytest.raises(EOFError):
            other.read(1)


def until(connections: Connections, count: int) -> None:
    """Wait until so many clients are there."""
    deadline = monotonic() + 20
    while len(connections.all()) != count:
        assert monotonic() < deadline
        sleep(0.02)


def test_a_client_that_vanishes_in_a_transaction_leaves_nothing(
    wire: WireServer, engine: Engine, connections: Connections
) -> None:
    """What it did is rolled back, and its locks are let go."""
    engine.execute(["create table t (a integer)"])
    with Client(wire.port) as client:
        client.enter()
        assert state(client.query("begin; lock t; insert into t values (1)")) == "T"
    assert engine.execute(["lock t", "select count(*) from t"])[1].rows == [(0,)]
    until(connections, 0)


def test_a_statement_is_cancelled_by_its_key(
    wire: WireServer, engine: Engine, client: Client, connections: Connections
) -> None:
    """Another key does nothing; the session goes on."""
    make_big(engine)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(client.query, SLOW)
        while not connections.all()[0].statement:
            sleep(0.01)
        pid, secret = client.key
        cancel(wire.port, pid, secret ^ 1)
        cancel(wire.port, pid + 1, secret)
        sleep(0.2)
        assert not running.done()
        while not running.done():
            cancel(wire.port, pid, secret)
        assert error(running.result()) == ("ERROR", "57014", "canceling statement due to user's request")
    assert rows(client.query("select 1")) == [[b"1"]]


def test_who_is_connected_is_known(wire: WireServer, connections: Connections) -> None:
    """With pid, user, application, transaction state and statement."""
    with Client(wire.port) as client:
        client.enter(application_name="me")
        client.query("begin; select 42")
        (known,) = connections.all()
        assert known.pid == known.session.pid >= FIRST_PID
        assert (known.user, known.application, known.state, known.statement) == (
            "awsuser",
            "me",
            "transaction",
            "select 42",
        )
        assert known.remote == f"127.0.0.1:{client.socket.getsockname()[1]}"
    until(connections, 0)


@pytest.mark.timeout(120)
def test_two_hundred_clients_come_at_once(wire: WireServer, connections: Connections) -> None:
    """All are answered, and idle ones cost nothing; one more hears that it is full."""
    clients = []
    try:
        with ThreadPoolExecutor(LIMIT) as pool:
            clients = list(pool.map(lambda _: Client(wire.port), range(LIMIT)))
            entered = list(pool.map(lambda each: each.enter()[-1], clients))
            assert entered == [("Z", b"I")] * LIMIT
            answers = list(pool.map(lambda each: rows(each.query("select 1")), clients))
        assert answers == [[[b"1"]]] * LIMIT
        assert len({each.key[0] for each in clients}) == LIMIT
        with Client(wire.port) as late:
            assert error(late.enter())[1] == "53300"
    finally:
        for each in clients:
            each.socket.close()
    until(connections, 0)


def test_a_slow_reader_holds_nobody_up(wire: WireServer, engine: Engine, client: Client) -> None:
    """The statement has ended before its rows are read, so nothing is locked; in the end all are there."""
    make_big(engine)
    engine.execute(["create table t (a integer)"])
    sql = "select a.a, 'some text that makes a row long' from big a, big b where b.a < 100"
    client.send(message("Q", text(f"lock t; {sql}")))
    sleep(0.5)
    with Client(wire.port) as other:
        other.enter()
        assert state(other.query("lock t; insert into t values (1)")) == "I"
        assert rows(other.query("select count(*) from t")) == [[b"1"]]
    assert len(rows(client.until())) == 300_000


def test_a_client_that_vanishes_while_rows_are_sent_harms_nobody(
    wire: WireServer, engine: Engine, connections: Connections
) -> None:
    """The server notices when it sends."""
    make_big(engine)
    with Client(wire.port) as client:
        client.enter()
        client.send(message("Q", text("select a.a, b.a from big a, big b where b.a < 100")))
        client.read(1)
    until(connections, 0)
    with Client(wire.port) as other:
        other.enter()
        assert rows(other.query("select 1")) == [[b"1"]]


def test_the_server_stops_with_clients_in_every_state(engine: Engine, wire: WireServer) -> None:
    """Idle ones, one in a transaction, one whose statement runs; nothing is kept of what was open."""
    make_big(engine)
    engine.execute(["create table t (a integer)"])
    clients = [Client(wire.port) for _ in range(3)]
    for each in clients:
        each.enter()
    clients[1].query("begin; insert into t values (1)")
    clients[2].send(message("Q", text(SLOW)))
    sleep(0.3)
    began = monotonic()
    wire.close()
    assert monotonic() - began < 10
    assert engine.execute(["select count(*) from t"])[0].rows == [(0,)]
    for each in clients:
        each.socket.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", wire.port), timeout=5)


def test_a_taken_port_is_an_error(wire: WireServer, engine: Engine) -> None:
    """At once."""
    with pytest.raises(OSError, match="in use"):
        WireServer(wire.port, engine, wire._doors)  # noqa: SLF001  # what a second server would be given


def test_many_clients_write_beside_each_other(wire: WireServer, engine: Engine) -> None:
    """Each row arrives once."""
    engine.execute(["create table t (a integer)"])

    def write(number: int) -> None:
        with Client(wire.port) as each:
            each.enter()
            for step in range(5):
                value = str(number * 5 + step).encode()
                each.ask(parse("insert into t values ($1)", [23]), bind([value]), execute(), SYNC)

    threads = [Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert engine.execute(["select count(*), count(distinct a) from t"])[0].rows == [(40, 40)]
