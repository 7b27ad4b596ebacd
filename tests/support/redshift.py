"""Clients of a stack's warehouse, for tests."""

from typing import Any

import redshift_connector

from app.stack.settings import StandSettings


def connect(settings: StandSettings) -> Any:
    """Return a connection of AWS's driver, without TLS."""
    return redshift_connector.connect(
        host="127.0.0.1",
        port=settings.warehouse_wire_port,
        user="awsuser",
        password=settings.database_password,
        database=settings.database,
        ssl=False,
    )
