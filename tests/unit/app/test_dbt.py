"""dbt as a process: what it is told, what is read of its log, and how it fails. A script plays dbt."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.stack.dbt import DbtFailedError, Done, build_models, write_docs
from app.stack.settings import StandSettings
from runtime.settings import Settings

LOCAL = Settings(endpoint_url="http://127.0.0.1:4566")
type Play = Callable[..., StandSettings]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Return who has a script, in dbt's place, keep what it was told, print lines and end with a code."""

    def written(*lines: str, code: int = 0) -> StandSettings:
        script = tmp_path / "dbt"
        script.write_text(
            f"#!{sys.executable}\n"
            "import json, os, sys\n"
            "json.dump([sys.argv[1:], dict(os.environ)], open(sys.argv[0] + '.told', 'w'))\n"
            f"print({chr(10).join(lines)!r})\n"
            f"sys.exit({code})\n",
            encoding="utf-8",
        )
        script.chmod(0o700)
        monkeypatch.setattr(StandSettings, "dbt", property(lambda _stand: script))
        return StandSettings(tmp_path / "home", warehouse_wire_port=5439)

    return written


def told(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return the arguments and the environment that the script was started with."""
    arguments, environment = json.loads((folder / "dbt.told").read_text(encoding="utf-8"))
    return arguments, environment


def event(name: str, message: str = "", level: str = "info", **data: Any) -> str:
    """Return a line of dbt's log."""
    return json.dumps({"info": {"name": name, "level": level, "msg": message}, "data": data})


def finished(kind: str, name: str, materialized: str, **count: int) -> str:
    """Return the line of something finished."""
    node = {"node_name": name, "materialized": materialized}
    return event(kind, "", "info", node_info=node, **count)


def test_what_is_finished_is_told_and_tables_are_returned(play: Play) -> None:
    """Models count with snapshots and tests, in whatever order they end; views are no marts."""
    stand = play(
        event("MainReportVersion", "Running with dbt"),
        finished("LogTestResult", "key_dim", "test", num_models=4),
        finished("LogModelResult", "stg_flights", "view", total=4),
        finished("LogModelResult", "mart_b", "table", total=4),
        finished("LogModelResult", "fct_a", "incremental", total=4),
        finished("LogSnapshotResult", "plane_history", "snapshot", total=5),
    )
    seen: list[Done] = []
    assert build_models(LOCAL, stand, seen.append) == ["fct_a", "mart_b"]
    assert [(each.number, each.total) for each in seen] == [(1, 4), (2, 4), (3, 4), (4, 4), (5, 5)]
    assert [each.name for each in seen] == ["key_dim", "stg_flights", "mart_b", "fct_a", "plane_history"]


def test_it_writes_below_the_stand_s_home_and_tells_nobody(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No telemetry, no file in the project; what the user set for dbt elsewhere is not for this one."""
    monkeypatch.setenv("DBT_TARGET_PATH", "/elsewhere")
    monkeypatch.setenv("PGHOST", "db.example.org")
    stand = play()
    build_models(LOCAL, stand, lambda _done: None)
    arguments, environment = told(tmp_path)
    assert arguments[arguments.index("--target-path") + 1] == str(tmp_path / "home" / "dbt")
    assert arguments[arguments.index("--log-path") + 1] == str(tmp_path / "home" / "logs")
    assert environment["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert "DBT_TARGET_PATH" not in environment
    wanted = {
        "PGHOST": "127.0.0.1",
        "PGPORT": "5439",
        "PGUSER": "awsuser",
        "PGDATABASE": "dev",
        "PGSSLMODE": "verify-full",
        "SSL_CERT_FILE": str(tmp_path / "home" / "warehouse" / "tls" / "ca.crt"),
    }
    assert {name: environment[name] for name in wanted} == wanted
    assert environment["PGPASSWORD"] == stand.database_password


def test_on_aws_the_user_names_the_warehouse(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the stand's server, its user and its certificate nothing is said there."""
    for name in ("PGPORT", "PGUSER", "PGPASSWORD", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGHOST", "mine.us-east-1.redshift.amazonaws.com")
    build_models(Settings(is_aws_allowed=True), play(), lambda _done: None)
    _, environment = told(tmp_path)
    assert environment["PGHOST"] == "mine.us-east-1.redshift.amazonaws.com"
    assert not {"PGPORT", "PGUSER", "PGPASSWORD", "SSL_CERT_FILE"} & set(environment)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param(
            [event("RunResultError", "Database Error in model x\n  no such column", "error")],
            "Database Error in model x no such column",
            id="a model",
        ),
        pytest.param(
            [event("Formatting", " ", "error"), event("A", "first", "error"), event("B", "then", "error")],
            "first",
            id="the first of several",
        ),
        pytest.param(["Traceback: no module"], "Traceback: no module", id="Python's last words"),
        pytest.param(['{"info": 7}'], '{"info": 7}', id="a line of JSON that is no event"),
        pytest.param([], "no word", id="nothing"),
    ],
)
def test_a_failure_is_one_line_with_the_log(
    play: Play, tmp_path: Path, lines: list[str], reason: str
) -> None:
    """What dbt said first, and where it said the rest."""
    stand = play(*lines, code=1)
    with pytest.raises(DbtFailedError) as caught:
        build_models(LOCAL, stand, lambda _done: None)
    log = tmp_path / "home" / "logs" / "dbt.log"
    assert str(caught.value) == f"`dbt build` failed: {reason}; its log is {log}"


def test_without_its_environment_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dbt is not of the application's environment."""
    monkeypatch.setattr(StandSettings, "dbt", property(lambda _stand: tmp_path / "none"))
    with pytest.raises(DbtFailedError, match=r"`dbt build` failed: it is not installed; run `make setup`"):
        build_models(LOCAL, StandSettings(tmp_path), lambda _done: None)


def test_the_docs_are_one_page(play: Play, tmp_path: Path) -> None:
    """It opens without a server."""
    assert write_docs(LOCAL, play(), tmp_path / "docs") == tmp_path / "docs" / "static_index.html"
    arguments, _ = told(tmp_path)
    assert {"docs", "generate", "--static"} <= set(arguments)
