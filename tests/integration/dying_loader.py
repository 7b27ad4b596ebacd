"""A loader that stops for ever at one step of its load, for a test to kill it there."""

import sys
from collections.abc import Sequence
from threading import Event
from typing import Any

from runtime.objects import S3Objects
from runtime.settings import Settings
from runtime.warehouse import Warehouse
from warehouse.models.loader import Loader


class StoppingWarehouse(Warehouse):
    """Says where it stops, once the COPY manifests are written: before the batch is sent, or after it."""

    def batch(self, sqls: Sequence[str]) -> None:
        """See `Warehouse.batch`."""
        if sys.argv[1] == "before":
            _stop()
        super().batch(sqls)

    def _wait(self, statement: str, sql: str) -> dict[str, Any]:
        if "insert into etl_ledger" in sql:
            _stop()
        return super()._wait(statement, sql)


def _stop() -> None:
    sys.stdout.write("stopped\n")
    sys.stdout.flush()
    Event().wait()


if __name__ == "__main__":
    _settings = Settings.from_env()
    Loader(S3Objects(_settings), StoppingWarehouse(_settings), _settings.lake).load_waiting()
