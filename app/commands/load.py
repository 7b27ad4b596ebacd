"""The command load."""

from rich.console import Console

from app import wiring
from runtime.settings import Settings
from warehouse.models.build import build_marts
from warehouse.models.loader import Loader


def load() -> None:
    """Load what waits in the lake into the warehouse, and build the marts anew."""
    settings = Settings.from_env()
    warehouse = wiring.warehouse(settings)
    loader = Loader(wiring.lake(settings), warehouse, settings.lake)
    batches = records = 0
    while (result := loader.load_waiting()).batches:
        batches += result.batches
        records += result.records
    marts = build_marts(warehouse)
    Console().print(f"loaded {batches} batches, {records:,} records; built {', '.join(marts)}")
