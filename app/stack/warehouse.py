"""The warehouse's process, started by command line: the stand never imports the cloud."""

import sys
from pathlib import Path

from app.stack.process import Server
from app.stack.settings import StandSettings


def warehouse_folder(settings: StandSettings) -> Path:
    """Return where the warehouse's file stands."""
    return settings.home.absolute() / "warehouse"


def warehouse(settings: StandSettings) -> Server:
    """Return the warehouse's server."""
    folder, port = warehouse_folder(settings), str(settings.warehouse_port)
    return Server(
        name="warehouse",
        command=[sys.executable, "-m", "warehouse.redshift", "--home", str(folder), "--port", port],
        environment={"AWS_ENDPOINT_URL": settings.endpoint_url},
        port=settings.warehouse_port,
        ready_path="/health",
        home=settings.home.absolute(),
    )
