"""Millrace's commands, run in this process or as one of their own."""

import logging
import sys

from typer.testing import CliRunner

from app.cli import app

MILLRACE = (sys.executable, "-c", "from app.cli import main; main()")
_RUN = CliRunner()


def run(*arguments: str) -> str:
    """Run a command and return what it printed."""
    result = _RUN.invoke(app, list(arguments), env={"COLUMNS": "200"})
    logging.disable(logging.NOTSET)  # a command may silence all of its process, which is the tests' here
    if result.exception:
        raise result.exception
    return str(result.output)
