"""Millrace's commands, run in this process or as one of their own."""

import logging
import os
import signal
import sys
from collections.abc import Mapping
from unittest.mock import patch

import pytest
from typer.testing import CliRunner

from app.cli import app, main

MILLRACE = (sys.executable, "-c", "from app.cli import main; main()")
_RUN = CliRunner()


def run(*arguments: str) -> str:
    """Run a command and return what it printed."""
    result = _RUN.invoke(app, list(arguments), env={"COLUMNS": "200"})
    logging.disable(logging.NOTSET)  # a command may silence all of its process, which is the tests' here
    if result.exception:
        raise result.exception
    return str(result.output)


def run_main(*arguments: str, environment: Mapping[str, str]) -> int:
    """Run the whole program in this process and return its exit code; signals and environment stay ours."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = [signal.getsignal(each) for each in signals]
    try:
        with (
            patch.dict(os.environ, environment, clear=True),
            patch.object(sys, "argv", ["millrace", *arguments]),
            pytest.raises(SystemExit) as ended,
        ):
            main()
    finally:
        logging.disable(logging.NOTSET)
        for each, handler in zip(signals, handlers, strict=True):
            signal.signal(each, handler)
    return int(str(ended.value.code))
