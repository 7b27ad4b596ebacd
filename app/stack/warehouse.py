"""The warehouse's process, started by command line: the stand never imports the cloud."""

import sys
from pathlib import Path
from urllib.parse import quote

from app.stack.process import Server
from app.stack.settings import StandSettings


def warehouse_folder(settings: StandSettings) -> Path:
    """Return where the warehouse's file stands."""
    return settings.home.absolute() / "warehouse"


def authority(settings: StandSettings) -> Path:
    """Return the certificate that a client of the warehouse has to trust."""
    return warehouse_folder(settings) / "tls" / "ca.crt"


def connection_string(settings: StandSettings) -> str:
    """Return where any client of PostgreSQL's protocol finds the warehouse; the password is not in it."""
    user, place = quote(settings.database_user), f"127.0.0.1:{settings.warehouse_wire_port}"
    trust = f"sslmode=verify-full&sslrootcert={quote(str(authority(settings)))}"
    return f"postgresql://{user}@{place}/{quote(settings.database)}?{trust}"


def warehouse(settings: StandSettings) -> Server:
    """Return the warehouse's server."""
    options = {
        "--home": str(warehouse_folder(settings)),
        "--port": str(settings.warehouse_port),
        "--wire-port": str(settings.warehouse_wire_port),
        "--cluster": settings.cluster,
        "--database": settings.database,
    }
    arguments = [each for option in options.items() for each in option]
    return Server(
        name="warehouse",
        command=[sys.executable, "-m", "warehouse.redshift", *arguments],
        environment={
            "AWS_ENDPOINT_URL": settings.endpoint_url,
            "MILLRACE_DATABASE_USER": settings.database_user,
            "MILLRACE_DATABASE_PASSWORD": settings.database_password,
        },
        port=settings.warehouse_port,
        other_ports=(settings.warehouse_wire_port,),
        ready_path="/health",
        home=settings.home.absolute(),
    )
