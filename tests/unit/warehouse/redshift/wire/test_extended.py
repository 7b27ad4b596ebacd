"""The extended protocol: parameters, descriptions, portals, and errors until Sync."""

from struct import pack

import pytest

from tests.unit.warehouse.redshift.wire.client import (
    SYNC,
    Client,
    bind,
    describe,
    error,
    execute,
    fields,
    kinds,
    message,
    parse,
    rows,
    state,
    tags,
    text,
)

INT2, INT4, NUMERIC, UNKNOWN = 21, 23, 1700, 705


def test_a_statement_with_parameters_runs(client: Client) -> None:
    """In both formats, with NULL, in any order and more than once."""
    said = client.ask(
        parse("select $2 as b, $1 as a, $2, $3 as c", [INT4, UNKNOWN, INT4]),
        bind([pack("!i", -7), b"it's $1; \\", None], formats=[1, 0, 1], results=[0, 1, 0, 1]),
        describe("P"),
        execute(),
        SYNC,
    )
    assert kinds(said) == "12TDCZ"
    assert [(name, oid, code) for name, oid, _, code in fields(said)] == [
        ("b", 1043, 0),
        ("a", INT4, 1),
        ("?column?", 1043, 0),
        ("c", INT4, 1),
    ]
    assert rows(said) == [[b"it's $1; \\", pack("!i", -7), b"it's $1; \\", None]]


def test_a_statement_is_described_before_it_has_values(client: Client) -> None:
    """With the types of its parameters, and without being run."""
    client.query("create table t (a int, b numeric(10, 2))")
    said = client.ask(
        parse("select a, b, $1 + a from t where b > $2", [INT2, NUMERIC], "s"), describe("S", "s"), SYNC
    )
    assert kinds(said) == "1tTZ"
    assert [body for kind, body in said if kind == "t"] == [pack("!hii", 2, INT2, NUMERIC)]
    assert [(oid, modifier) for _, oid, modifier, _ in fields(said)] == [
        (INT4, -1),
        (NUMERIC, (10 << 16 | 2) + 4),
        (INT4, -1),
    ]
    said = client.ask(parse("insert into t values ($1, $2)", [INT4, NUMERIC], "i"), describe("S", "i"), SYNC)
    assert kinds(said) == "1tnZ"
    assert rows(client.query("select count(*) from t")) == [[b"0"]]


def test_rows_have_the_types_that_were_described(client: Client) -> None:
    """A driver reads a row by them: what turns out as another type is an error, and no wrong number."""
    for oid, value in ((UNKNOWN, b"7"), (INT4, pack("!i", 7)), (0, b"7")):
        code = 1 if oid == INT4 else 0
        said = client.ask(parse("select $1 as a", [oid]), describe("S"), SYNC)
        ((_, described, _, _),) = fields(said)
        said = client.ask(bind([value], formats=[code], results=[1]), describe("P"), execute(), SYNC)
        ((_, sent, _, _),) = fields(said)
        assert sent == described
        assert rows(said) == [[pack("!i", 7) if sent == INT4 else b"7"]]


def test_numbers_divide_by_the_types_that_were_sent(client: Client) -> None:
    """A NUMERIC of 150 is no integer."""
    for oid, whole in ((INT4, b"1"), (NUMERIC, b"1.5")):
        said = client.ask(parse("select $1 / 100", [oid]), bind([b"150"]), execute(), SYNC)
        ((value,),) = rows(said)
        assert value is not None
        assert float(value) == float(whole)


def test_a_prepared_statement_runs_again(client: Client) -> None:
    """Until it is closed; its name is then free."""
    client.ask(parse("select $1 + 1", [INT4], "s"), SYNC)
    for number in range(3):
        said = client.ask(bind([str(number).encode()], statement="s"), execute(), SYNC)
        assert rows(said) == [[str(number + 1).encode()]]
    assert error(client.ask(parse("select 1", [], "s"), SYNC))[1] == "42P05"
    assert kinds(client.ask(message("C", b"S" + text("s")), SYNC)) == "3Z"
    assert error(client.ask(bind([b"1"], statement="s"), SYNC))[1] == "26000"


def test_a_portal_gives_so_many_rows_at_a_time(client: Client) -> None:
    """And says that it waits; it ends with its transaction."""
    client.query("create table t (a int); insert into t values (1), (2), (3); begin")
    said = client.ask(parse("select a from t order by a"), bind(portal="p"), execute(2, "p"), SYNC)
    assert (kinds(said), rows(said), state(said)) == ("12DDsZ", [[b"1"], [b"2"]], "T")
    said = client.ask(execute(2, "p"), SYNC)
    assert (kinds(said), rows(said), tags(said)) == ("DCZ", [[b"3"]], ["SELECT 1"])
    client.query("commit")
    assert error(client.ask(execute(0, "p"), SYNC))[1] == "34000"


def test_after_an_error_all_is_skipped_until_sync(client: Client) -> None:
    """And what ran since the last Sync is taken back, as PostgreSQL has it."""
    client.query("create table t (a int)")
    said = client.ask(
        parse("insert into t values (1)"),
        bind(),
        execute(),
        parse("select * from nowhere"),
        bind(),
        execute(),
        parse("insert into t values (2)"),
        bind(),
        execute(),
        SYNC,
    )
    assert (kinds(said), error(said)[1], state(said)) == ("12CEZ", "42P01", "I")
    assert rows(client.query("select count(*) from t")) == [[b"0"]]
    client.ask(parse("insert into t values (1)"), bind(), execute(), bind(), execute(), SYNC)
    assert rows(client.query("select count(*) from t")) == [[b"2"]]


def test_errors_of_a_statement_come_with_its_parse(client: Client) -> None:
    """What is no SQL, more than one statement, or refused by name."""
    for sql, sqlstate in (
        ("select 1; select 2", "42601"),
        ("create model m", "0A000"),
        ("select 'x", "42601"),
        ("select from where", "XX000"),
    ):
        assert error(client.ask(parse(sql), SYNC))[1] == sqlstate
    assert kinds(client.ask(parse(""), bind(), describe("P"), execute(), SYNC)) == "12nIZ"


def test_a_name_is_free_where_its_statement_could_not_be_described(client: Client) -> None:
    """redshift_connector uses it again: on Redshift the Parse would have failed."""
    for _ in range(2):
        said = client.ask(parse("select $1 from nowhere", [INT4], "s"), describe("S", "s"), SYNC)
        assert (kinds(said), error(said)[1]) == ("1EZ", "42P01")


@pytest.mark.parametrize(
    ("parts", "sqlstate"),
    [
        pytest.param([parse("select $1", [INT4]), bind()], "08P01", id="a value is missing"),
        pytest.param([parse("select $1", [INT4]), bind([b"x"])], "22P02", id="text that is none"),
        pytest.param(
            [parse("select $1", [INT4]), bind([b"\0"], formats=[1])], "22P03", id="bytes that are none"
        ),
        pytest.param([parse("select $1", [INT4]), bind([b"99999999999"])], "22P02", id="too large"),
        pytest.param([parse("select $0", [INT4]), bind([b"1"])], "42P02", id="no such parameter"),
        pytest.param([parse("select $1", [1007]), bind([b"{1}"])], "0A000", id="an array"),
        pytest.param([parse("select $1", [17]), bind([b"x"])], "0A000", id="bytes"),
        pytest.param([parse("select $1", [0]), bind([b"a\0b"])], "22021", id="zero byte"),
        pytest.param([parse("select $1", [0]), bind([b"\xff"])], "22021", id="no UTF-8"),
        pytest.param([bind(statement="s")], "26000", id="no statement"),
        pytest.param([describe("P", "p")], "34000", id="no portal"),
        pytest.param([describe("S", "s")], "26000", id="no statement to describe"),
        pytest.param([execute(0, "p")], "34000", id="no portal to run"),
    ],
)
def test_what_does_not_fit_is_refused(client: Client, parts: list[bytes], sqlstate: str) -> None:
    """And the connection lives."""
    assert error(client.ask(*parts, SYNC))[1] == sqlstate
    assert rows(client.query("select 1")) == [[b"1"]]


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(message("P", b"no end"), id="no end"),
        pytest.param(message("B", b"\0\0\0\5"), id="fewer than it says"),
        pytest.param(message("B", b"\0\0" + pack("!hhhi", 0, 1, 2, -7)), id="a negative length"),
        pytest.param(message("E", b"\0" + pack("!i", 0) + b"more"), id="more than it says"),
        pytest.param(message("D", b"X\0"), id="neither statement nor portal"),
    ],
)
def test_a_message_that_does_not_hold_what_it_says_ends_the_connection(client: Client, part: bytes) -> None:
    """It cannot be known what the client meant."""
    client.send(part, SYNC)
    assert error([client.message()])[:2] == ("FATAL", "08P01")


def test_flush_sends_what_there_is(client: Client) -> None:
    """Before Sync."""
    client.send(parse("select 1"), bind(), message("H"))
    assert kinds([client.message(), client.message()]) == "12"


def test_a_commit_that_fails_is_told_at_sync(client: Client, wire: object) -> None:
    """Two write the same row; the second hears of it, and nothing of its own is kept."""
    assert wire
    client.query("create table t (a int); insert into t values (1)")
    client.query("begin; update t set a = 2")
    port = client.socket.getpeername()[1]
    with Client(port) as other:
        other.enter()
        said = other.ask(parse("update t set a = 3"), bind(), execute(), SYNC)
        assert (error(said)[1], state(said)) == ("40001", "I")
    client.query("commit")
    assert rows(client.query("select a from t")) == [[b"2"]]


def test_a_cursor_is_a_portal_that_can_be_described(client: Client) -> None:
    """Psycopg's server cursors do so."""
    client.query("begin")
    client.ask(parse("declare c cursor for select $1 as a", [INT4]), bind([b"7"]), execute(), SYNC)
    assert fields(client.ask(describe("P", "c"), SYNC))[0][:2] == ("a", INT4)
    said = client.ask(parse("fetch forward 1 from c"), bind(results=[1]), describe("P"), execute(), SYNC)
    assert (rows(said), tags(said)) == ([[pack("!i", 7)]], ["FETCH 1"])


@pytest.mark.parametrize("sql", ["show search_path", "explain select 1", "select version()"])
def test_what_gives_rows_beside_queries_is_described(client: Client, sql: str) -> None:
    """AWS's driver asks for that of every statement, and reads its rows by it."""
    said = client.ask(parse(sql, [], "s"), describe("S", "s"), SYNC)
    assert kinds(said) == "1tTZ"
    described = fields(said)
    said = client.ask(bind(statement="s"), describe("P"), execute(), SYNC)
    assert fields(said) == described
    assert rows(said)


def test_execute_is_described_by_its_portal_only(client: Client) -> None:
    """What it gives is known when it has run; before that it is refused by name."""
    client.query("prepare p (int) as select $1 + 1 as a")
    said = client.ask(parse("execute p (6)"), bind(), describe("P"), execute(), SYNC)
    assert rows(said) == [[b"7"]]
    assert error(client.ask(parse("execute p (6)"), describe("S"), SYNC))[1] == "0A000"
