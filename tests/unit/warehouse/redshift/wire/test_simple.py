"""The simple protocol: statements as one text, errors, transactions."""

import pytest

from tests.unit.warehouse.redshift.wire.client import (
    Client,
    error,
    fields,
    kinds,
    message,
    rows,
    state,
    tags,
    text,
)


def test_a_query_gives_columns_rows_and_its_end(client: Client) -> None:
    """NUMERIC tells its precision and scale as PostgreSQL packs them."""
    said = client.query("select 7 as a, 'x' as b, 1.50::numeric(10, 2) as c, null::date as d, true as e")
    assert kinds(said) == "TDCZ"
    assert fields(said) == [
        ("a", 23, -1, 0),
        ("b", 1043, -1, 0),
        ("c", 1700, (10 << 16 | 2) + 4, 0),
        ("d", 1082, -1, 0),
        ("e", 16, -1, 0),
    ]
    assert rows(said) == [[b"7", b"x", b"1.50", None, b"t"]]
    assert (tags(said), state(said)) == (["SELECT 1"], "I")


def test_statements_end_with_their_words(client: Client) -> None:
    """And counts where PostgreSQL has them."""
    sql = "create table t (a int); insert into t values (1), (2); update t set a = 3; delete from t; "
    assert tags(client.query(sql + "drop table t")) == [
        "CREATE TABLE",
        "INSERT 0 2",
        "UPDATE 2",
        "DELETE 2",
        "DROP TABLE",
    ]


def test_nothing_is_an_empty_query(client: Client) -> None:
    """Comments and semicolons are nothing."""
    assert kinds(client.query(" ; -- nothing;\n;/* ; */")) == "IZ"


def test_statements_in_one_text_are_one_transaction(client: Client) -> None:
    """What failed takes all of them back, and a COMMIT among them keeps what came before it."""
    client.query("create table t (a int)")
    said = client.query("insert into t values (1); select 1 / 0; insert into t values (2)")
    assert (kinds(said), state(said)) == ("CEZ", "I")
    assert error(said) == ("ERROR", "22012", "division by zero")
    assert rows(client.query("select count(*) from t")) == [[b"0"]]
    client.query("begin; insert into t values (1); commit; insert into t values (2); select * from nowhere")
    assert rows(client.query("select count(*) from t")) == [[b"1"]]


def test_the_state_of_the_transaction_is_told(client: Client) -> None:
    """In one, in one that failed, and in none."""
    assert state(client.query("begin")) == "T"
    assert state(client.query("select nothing")) == "E"
    said = client.query("select 1")
    assert (error(said)[1], state(said)) == ("25P02", "E")
    said = client.query("commit")
    assert (tags(said), state(said)) == (["ROLLBACK"], "I")


def test_a_quote_that_is_not_closed_is_an_error_of_the_statement(client: Client) -> None:
    """The connection lives, and a transaction has failed."""
    client.query("begin")
    for sql in ("select 'x", "select $a$ x", "/* select 1", 'select "x'):
        said = client.query(sql)
        assert (error(said)[1], state(said)) == ("42601", "E")
    assert state(client.query("rollback")) == "I"


def test_what_is_not_there_is_refused_by_name(client: Client) -> None:
    """COPY from the client, function calls of the protocol; the connection lives."""
    assert "stdin" in error(client.query("copy t from stdin"))[2]
    client.send(message("F", b"\0\0\0\0"), message("d", b"x"), message("c"), message("S"))
    assert error(client.until())[1] == "0A000"
    assert rows(client.query("select 1")) == [[b"1"]]


def test_text_that_is_not_utf_8_is_refused(client: Client) -> None:
    """With PostgreSQL's SQLSTATE for it."""
    said = client.ask(message("Q", b"select '\xff'\0"))
    assert error(said)[1] == "22021"


@pytest.mark.parametrize("sql", ["select 1 as a from nowhere", "create table t (a int); select b from t"])
def test_an_error_harms_no_other_session(client: Client, sql: str) -> None:
    """Only its own statement fails."""
    assert kinds(client.query(sql))[-2:] == "EZ"
    assert rows(client.query("select 1")) == [[b"1"]]


def test_a_cursor_gives_a_query_bit_by_bit(client: Client) -> None:
    """AWS, "DECLARE" and "FETCH": within a transaction, one at a time, forward."""
    numbers = " union all ".join(f"select {number} as a" for number in range(5))
    client.query("begin")
    assert tags(client.query(f"declare c cursor for {numbers} order by a")) == ["DECLARE CURSOR"]
    said = client.query("fetch forward 2 from c; fetch from c")
    assert (rows(said), tags(said)) == ([[b"0"], [b"1"], [b"2"]], ["FETCH 2", "FETCH 1"])
    said = client.query("fetch forward all from c; fetch next from c; close c")
    assert (rows(said), tags(said)) == ([[b"3"], [b"4"]], ["FETCH 2", "FETCH 0", "CLOSE CURSOR"])
    assert error(client.query("fetch from c"))[1] == "34000"


@pytest.mark.parametrize(
    ("sqls", "sqlstate"),
    [
        pytest.param(["declare c cursor for select 1"], "25P01", id="outside a transaction"),
        pytest.param(
            ["begin; declare c cursor for select 1; declare d cursor for select 1"], "42P03", id="two"
        ),
        pytest.param(["begin; declare c cursor with hold for select 1"], "42601", id="with hold"),
        pytest.param(["begin; declare c scroll cursor for select 1"], "42601", id="scroll"),
        pytest.param(
            ["begin; declare c cursor for select 1; fetch backward 1 from c"], "42601", id="backward"
        ),
        pytest.param(["begin; declare c cursor for delete from t"], "42601", id="no query"),
        pytest.param(["begin; declare c cursor for select 1", "commit", "fetch c"], "42601", id="no from"),
        pytest.param(
            ["begin; declare c cursor for select 1", "commit", "fetch from c"], "34000", id="it ended"
        ),
    ],
)
def test_what_cursors_have_not_is_refused(client: Client, sqls: list[str], sqlstate: str) -> None:
    """By name, and the transaction has failed."""
    client.query("create table t (a int)")
    said = [client.query(sql) for sql in sqls][-1]
    assert error(said)[1] == sqlstate


def test_a_message_that_is_none_ends_the_connection(client: Client) -> None:
    """As does a length that no message has: nothing of it is read."""
    client.send(b"?\0\0\0\4")
    severity, sqlstate, _ = error([client.message()])
    assert (severity, sqlstate) == ("FATAL", "08P01")
    with pytest.raises(EOFError):
        client.read(1)


@pytest.mark.parametrize("length", [b"\x40\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\3"])
def test_a_length_that_no_message_has_ends_the_connection(client: Client, length: bytes) -> None:
    """1 GB, a negative one, less than the length itself."""
    client.send(b"Q" + length + text("select 1"))
    assert error([client.message()])[:2] == ("FATAL", "08P01")
    with pytest.raises(EOFError):
        client.read(1)
