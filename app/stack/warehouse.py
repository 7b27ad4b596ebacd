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
    options = {
        "--home": str(warehouse_folder(settings)),
        "--port": str(settings.warehouse_port),
        "--cluster": settings.cluster,
        "--database": settings.database,
    }
    arguments = [each for option in options.items() for each in option]
    return Server(
        name="warehouse",
        command=[sys.executable, "-m", "warehouse.redshift", *arguments],
        environment={"AWS_ENDPOINT_URL": settings.endpoint_url},
        port=settings.warehouse_port,
        ready_path="/health",
        home=settings.home.absolute(),
    )
