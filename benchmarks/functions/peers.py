"""The Lambdas compared. Those of LocalStack share our Kinesis, and but for one our execution environments."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from app.stack.cloud import cloud
from app.stack.process import Server
from app.stack.settings import StandSettings
from benchmarks.peers import LOCALSTACK, MINISTACK, OURS, Peer, free_port

STOCK_MAPPING, STOCK_MAPPING_FAST, STOCK_DOCKER = "localstack", "localstack-fast", "localstack-docker"
WITHOUT_OUR_MAPPINGS = """\
import sys
from localstack.runtime import hooks
from localstack.runtime.main import main
from plux.runtime.filter import global_plugin_filter

global_plugin_filter.add_exclusion(value="localstack.providers.lambda_mapping.*")
plugins = hooks.on_infra_start.manager.list_containers()
if not any(global_plugin_filter(each.plugin_spec) for each in plugins):
    sys.exit("our mappings are not among the plug-ins, so they cannot be left out")
main()
"""
"""LocalStack as `-m` starts it, but for one plug-in; Plux has no setting for that."""


def _millrace(home: Path) -> Server:
    """Return LocalStack as `make up` starts it."""
    return cloud(StandSettings(home=home, port=free_port()))


def _stock_mapping(home: Path, environment: Mapping[str, str] | None = None) -> Server:
    ours = _millrace(home)
    command = [ours.command[0], "-c", WITHOUT_OUR_MAPPINGS]
    return replace(ours, command=command, environment={**ours.environment, **(environment or {})})


def _stock_mapping_fast(home: Path) -> Server:
    return _stock_mapping(home, {"LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.1"})


def _stock_docker(home: Path) -> Server:
    return _stock_mapping(home, {"LAMBDA_RUNTIME_EXECUTOR": "docker"})


ALL = (
    Peer(OURS, "Millrace", "", _millrace),
    Peer(STOCK_MAPPING, f"LocalStack {LOCALSTACK}'s mappings", "", _stock_mapping),
    Peer(STOCK_MAPPING_FAST, "… polling every 0.1 s", "", _stock_mapping_fast),
    Peer(STOCK_DOCKER, f"LocalStack {LOCALSTACK} on Docker", "", _stock_docker),
    MINISTACK,
)
