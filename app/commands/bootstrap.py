"""The command bootstrap."""

from rich.console import Console

from app import wiring
from app.replay.reference import publish_reference
from localstack.bootstrap.apply import apply
from runtime.settings import Settings
from warehouse.models.build import create_tables
from warehouse.models.loader import Loader


def bootstrap() -> None:
    """Make streams, buckets and tables that are missing; a second run changes nothing and says so."""
    lines = prepare(Settings.from_env())
    Console().print("\n".join(lines))


def prepare(settings: Settings) -> list[str]:
    """Make what is missing in the cloud and in the warehouse, and say what was done."""
    changes = apply(settings)
    lake, warehouse = wiring.lake(settings), wiring.warehouse(settings)
    publish_reference(lake)
    created = create_tables(warehouse)
    Loader(lake, warehouse, settings.lake).load_dimensions()
    tables = f"warehouse tables: {', '.join(created)} created" if created else "warehouse tables: unchanged"
    return [f"{change.resource}: {change.action}" for change in changes] + [tables]
