"""Applies the desired resources: what is missing is made, what is there stays, a second run does nothing."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import localstack_client.session
import yaml

from localstack.bootstrap import stores
from localstack.bootstrap.change import Change
from localstack.bootstrap.functions import Functions, dead_letters
from runtime.settings import Settings


def apply(settings: Settings) -> list[Change]:
    """Make streams, buckets, tables and queues, and return what was done about each.

    Raises:
        ResourceDiffersError: A resource is there with other properties.
    """
    desired, names = _desired(), _names(settings)
    tags: dict[str, str] = desired["tags"]
    session: Any = localstack_client.session.Session()
    kinesis, s3, dynamodb, sqs = (session.client(each) for each in ("kinesis", "s3", "dynamodb", "sqs"))
    changes = [stores.stream(kinesis, each["name"], each["shards"], tags) for each in desired["streams"]]
    changes += [
        stores.bucket(s3, names.get(name, name), settings.region, tags) for name in desired["buckets"]
    ]
    changes += [
        stores.table(dynamodb, names.get(each["name"], each["name"]), each, tags)
        for each in desired["tables"]
    ]
    changes += [stores.queue(sqs, names.get(name, name), tags) for name in desired["queues"]]
    for each in desired["streams"]:
        kinesis.get_waiter("stream_exists").wait(StreamName=each["name"], WaiterConfig={"Delay": 1})
    return changes


def deploy(settings: Settings, site_packages: Path) -> list[Change]:
    """Deploy the functions and what invokes them, and return what was done about each.

    Args:
        settings: Names of what `apply` has made.
        site_packages: Of the functions' environment, whose packages their zips carry.
    """
    desired, names = _desired(), _names(settings)
    session: Any = localstack_client.session.Session()
    sqs = session.client("sqs")
    functions = Functions(settings, site_packages, names)
    changes: list[Change] = []
    for each in desired["functions"]:
        changes.append(stores.queue(sqs, dead_letters(each["name"]), desired["tags"]))
        changes.append(functions.function(each))
        changes += [functions.mapping(each["name"], mapping) for mapping in each.get("mappings", ())]
        if "notified_of" in each:
            changes.append(functions.notification(each["name"], **each["notified_of"]))
        if "schedule" in each:
            changes.append(functions.schedule(each["name"], each["schedule"]))
    return changes


def _desired() -> dict[str, Any]:
    text = files("localstack.bootstrap").joinpath("resources.yml").read_text(encoding="utf-8")
    desired: dict[str, Any] = yaml.safe_load(text)
    return desired


def _names(settings: Settings) -> dict[str, str]:
    """Return the names in capitals, and what they stand for."""
    return {
        "LAKE": settings.lake,
        "CHECKPOINTS": settings.checkpoints,
        "BOARD": settings.board,
        "COUNTERS": settings.counters,
        "ALERTS": settings.alerts,
    }
