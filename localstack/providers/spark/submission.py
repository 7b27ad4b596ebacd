"""One spark-submit: its files are fetched from S3, its configuration is written, its driver is started."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from localstack.providers.spark.configuration import DRIVER_ENVIRONMENT, resolve, write
from localstack.providers.spark.errors import RefusedError
from localstack.providers.spark.guard import check_endpoints
from localstack.providers.spark.launching import Driver, Launcher
from localstack.providers.spark.local import base_environment
from localstack.providers.spark.parameters import Parameters

_OURS = ("AWS_ACCESS", "AWS_SECRET", "SPARK_", "PYSPARK_", "JAVA_HOME")


@dataclass(frozen=True, slots=True)
class Place:
    """Where Spark is, and what it is told.

    Attributes:
        python: Interpreter that has pyspark.
        java: A JAVA_HOME; None where there is no Java.
        jars: Folder of those that give Spark its S3.
        folder: Of all runs' files.
        endpoint_url: Of the local cloud.
        is_aws_allowed: Whether a run may reach what is not on this machine.
    """

    python: Path
    java: Path | None
    jars: Path
    folder: Path
    endpoint_url: str
    is_aws_allowed: bool


@dataclass(frozen=True, slots=True)
class Submission:
    """What spark-submit is asked for.

    Attributes:
        script: URI of S3: a Python script, or a jar.
        arguments: Of the script.
        parameters: Options of spark-submit.
        layers: Properties below those of the options, lowest first.
    """

    script: str
    arguments: Sequence[str]
    parameters: Parameters
    layers: Sequence[Mapping[str, str]] = ()

    def properties(self, place: Place, folder: Path) -> dict[str, str]:
        """Return what its properties resolve to.

        Raises:
            RefusedError: One is not supported.
        """
        return resolve([*self.layers, dict(self.parameters.properties)], place.jars, folder)

    def check(self, place: Place) -> None:
        """Refuse what will never be carried out.

        Raises:
            RefusedError: It asks for what is not supported, or not allowed; or there is no Java.
        """
        if place.java is None:
            msg = "Spark needs Java 17 or newer, and found none: install one, or run `make setup`"
            raise RefusedError(msg)
        properties = self.properties(place, place.folder)
        environment = _driver_environment(properties)
        check_endpoints(properties | environment, is_aws_allowed=place.is_aws_allowed)

    def launch(self, place: Place, launcher: Launcher, s3: Any, folder: Path) -> Driver:
        """Start its driver in a folder of its own.

        Raises:
            RefusedError: A file cannot be read, or it asks for what is not supported.
            LaunchError: It cannot be started.
        """
        properties = self.properties(place, folder)
        environment = {
            **base_environment(os.environ),
            "AWS_ENDPOINT_URL": place.endpoint_url,
            "SPARK_CONF_DIR": str(folder / "conf"),
            "PYSPARK_PYTHON": str(place.python),
            "JAVA_HOME": str(place.java),
            **_driver_environment(properties),
        }
        write(properties, folder / "conf")
        arguments = ["--class", self.parameters.main_class] if self.parameters.main_class else []
        for option, uris in self.parameters.files.items():
            arguments += [option, ",".join(_fetched(uri, s3, folder / "files") for uri in uris)]
        arguments += [_fetched(self.script, s3, folder / "files"), *self.arguments]
        return launcher.launch(arguments, environment, folder)


def _fetched(uri: str, s3: Any, folder: Path) -> str:
    """Fetch an object, and return where it is."""
    parts = urlsplit(uri)
    if parts.scheme not in {"s3", "s3a"}:
        msg = f"files of a run must be s3:// URIs; got `{uri}`"
        raise RefusedError(msg)
    # A folder each: two may have the same name.
    folder.mkdir(exist_ok=True)
    target = folder / str(len(list(folder.iterdir()))) / Path(parts.path).name
    target.parent.mkdir()
    try:
        s3.download_file(parts.netloc, parts.path.lstrip("/"), str(target))
    except (BotoCoreError, ClientError) as error:
        msg = f"{uri} cannot be read: {error}"
        raise RefusedError(msg) from None
    return str(target)


def _driver_environment(properties: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a run gives its driver.

    Raises:
        RefusedError: One is this side's to set.
    """
    found = {}
    for name, value in properties.items():
        if name.startswith(DRIVER_ENVIRONMENT):
            variable = name.removeprefix(DRIVER_ENVIRONMENT)
            if variable.startswith(_OURS):
                msg = f"`{name}` is not supported: interpreter, Java and keys are the local stack's to choose"
                raise RefusedError(msg)
            found[variable] = value
    return found
