"""The command load."""

from rich.console import Console

from app import wiring
from app.marts import build_marts
from app.stack.settings import StandSettings
from runtime.settings import Settings
from warehouse.models.loader import Loader


def load() -> None:
    """Load what waits in the lake into the warehouse, and build the marts anew."""
    settings, console = Settings.from_env(), Console()
    loader = Loader(wiring.lake(settings), wiring.warehouse(settings), settings.lake)
    batches = records = 0
    while (result := loader.load_waiting()).batches:
        batches += result.batches
        records += result.records
    marts = build_marts(settings, StandSettings.from_env(), console)
    console.print(f"loaded {batches} batches, {records:,} records; built {', '.join(marts)}")
