"""Which Kinesis the stand starts, and with what."""

from pathlib import Path

import pytest

from app.errors import UsageError
from app.stack.cloud import cloud
from app.stack.settings import StandSettings


def test_our_kinesis_is_the_default(tmp_path: Path) -> None:
    """Its records lie in the stand's folder, and nothing waits for the device."""
    environment = cloud(StandSettings(tmp_path)).environment
    assert environment["PROVIDER_OVERRIDE_KINESIS"] == "millrace"
    assert environment["MILLRACE_KINESIS_FOLDER"] == str(tmp_path / "kinesis")
    assert environment["MILLRACE_KINESIS_FSYNC"] == "0"


def test_the_stock_engine_is_bound_to_loopback(tmp_path: Path) -> None:
    """It is a Node process, which a script of ours is put before."""
    environment = cloud(StandSettings(tmp_path, kinesis="stock")).environment
    assert environment["PROVIDER_OVERRIDE_KINESIS"] == "default"
    script = Path(environment["NODE_OPTIONS"].removeprefix("--require "))
    assert "127.0.0.1" in script.read_text(encoding="utf-8")


def test_settings_come_from_the_environment() -> None:
    """Engine and flushing."""
    settings = StandSettings.from_env({"MILLRACE_KINESIS": "stock", "MILLRACE_KINESIS_FSYNC": "1"})
    assert (settings.kinesis, settings.is_kinesis_fsync) == ("stock", True)


def test_an_engine_that_there_is_not_is_refused() -> None:
    """By name."""
    with pytest.raises(UsageError, match="`kinesis` must be one of millrace, stock; got `toy`"):
        StandSettings(kinesis="toy")
