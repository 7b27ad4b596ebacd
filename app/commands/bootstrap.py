"""The command bootstrap."""

from rich.console import Console

from app import wiring
from app.replay.reference import publish_reference
from app.stack.settings import StandSettings
from localstack.bootstrap.apply import apply, deploy
from localstack.bootstrap.change import Change
from runtime.settings import Settings
from warehouse.models.build import create_tables
from warehouse.models.loader import Loader

_BOARD = ("flight-board", "delay-alerts")


def bootstrap() -> None:
    """Make streams, buckets, tables, queues and functions that are missing; a second run changes nothing."""
    settings = Settings.from_env()
    lines = prepare(settings) + deploy_functions(settings)
    Console().print("\n".join(lines))


def prepare(settings: Settings) -> list[str]:
    """Make what is missing in the cloud and in the warehouse, and say what was done."""
    changes = apply(settings)
    lake, warehouse = wiring.lake(settings), wiring.warehouse(settings)
    publish_reference(lake)
    created = create_tables(warehouse)
    Loader(lake, warehouse, settings.lake).load_dimensions()
    tables = f"warehouse tables: {', '.join(created)} created" if created else "warehouse tables: unchanged"
    return [*map(_line, changes), tables]


def deploy_functions(settings: Settings) -> list[str]:
    """Deploy the functions to the prepared cloud, and say what was done."""
    return [*map(_line, deploy(settings, StandSettings.from_env().functions_packages))]


def leave_out_board() -> None:
    """Have no stream invoke the functions of the flight board, until they are deployed again."""
    functions = wiring.cloud("lambda")
    for name in _BOARD:
        for mapping in functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def _line(change: Change) -> str:
    return f"{change.resource}: {change.action}"
