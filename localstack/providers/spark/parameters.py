"""sparkSubmitParameters, as EMR takes them: one string of spark-submit's options, without the script."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from localstack.providers.spark.errors import RefusedError

_PROPERTIES = {
    "--name": "spark.app.name",
    "--driver-memory": "spark.driver.memory",
    "--driver-cores": "spark.driver.cores",
    "--driver-java-options": "spark.driver.extraJavaOptions",
    "--driver-class-path": "spark.driver.extraClassPath",
    "--executor-memory": "spark.executor.memory",
    "--executor-cores": "spark.executor.cores",
    "--num-executors": "spark.executor.instances",
}
"""Options that are short for a property; AWS lets both be given, and the later one wins."""

_FILES = ("--py-files", "--jars", "--files")
_REFUSED = {
    "--master": "where a run is carried out is not the run's to say",
    "--deploy-mode": "where a run is carried out is not the run's to say",
    "--properties-file": "give the properties as --conf, or as `spark-defaults` in applicationConfiguration",
    "--packages": "nothing is fetched at a run's start; put the jars into S3 and name them by --jars",
}

_OTHERS = "see docs/emr.md for those that are"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What sparkSubmitParameters say.

    Attributes:
        properties: Spark's, those that an option is short for included.
        files: URIs by option: --py-files, --jars, --files.
        main_class: Of a jar; None for a Python script.
    """

    properties: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    main_class: str | None = None


def parse(text: str) -> Parameters:
    """Read one string of options, quoted as a shell would have them.

    Both `--option value` and `--option=value` are taken, as spark-submit takes them.

    Raises:
        RefusedError: An option is not supported, lacks its value, or is no option.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        msg = f"sparkSubmitParameters cannot be read: {str(error).lower()}; got `{text}`"
        raise RefusedError(msg) from None
    parameters, rest = read_options(words, "sparkSubmitParameters")
    if rest:
        msg = f"sparkSubmitParameters: `{rest[0]}` is not supported; {_OTHERS}"
        raise RefusedError(msg)
    return parameters


def read_options(words: Sequence[str], where: str) -> tuple[Parameters, list[str]]:
    """Read the options that words begin with, and return them and the words behind: a script, its arguments.

    Args:
        words: As spark-submit is given them.
        where: What they are called where one is refused.

    Raises:
        RefusedError: An option is not supported, or lacks its value.
    """
    properties: dict[str, str] = {}
    files: dict[str, tuple[str, ...]] = {}
    main_class = None
    rest = list(words)
    while rest and rest[0].startswith("-"):
        option, equals, value = rest.pop(0).partition("=")
        if option not in {*_PROPERTIES, *_FILES, "--conf", "-c", "--class"}:
            msg = f"{where}: `{option}` is not supported; {_REFUSED.get(option, _OTHERS)}"
            raise RefusedError(msg)
        if not equals:
            value = rest.pop(0) if rest else ""
        if not value:
            msg = f"{where}: `{option}` needs a value"
            raise RefusedError(msg)
        if option in _PROPERTIES:
            properties[_PROPERTIES[option]] = value
        elif option in _FILES:
            files[option] = tuple(filter(None, value.split(",")))
        elif option == "--class":
            main_class = value
        else:
            name, equals, setting = value.partition("=")
            if not equals or not name:
                msg = f"{where}: `--conf` takes name=value; got `{value}`"
                raise RefusedError(msg)
            properties[name] = setting
    return Parameters(properties, files, main_class), rest
