"""What a step's command-runner.jar is to run: spark-submit, or s3-dist-cp.

Source: AWS, Amazon EMR Release Guide, "Run commands and scripts on an Amazon EMR cluster", "S3DistCp".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from localstack.providers.emr.errors import InvalidRequestError, unsupported
from localstack.providers.spark.errors import RefusedError
from localstack.providers.spark.parameters import read_options
from localstack.providers.spark.submission import Submission

_RUNNER = "command-runner.jar"
_OF_THE_CLUSTER = {"--master": ("yarn",), "--deploy-mode": ("client", "cluster")}
"""Options that say where a driver runs: here that is the job flow's own cluster, whichever is said."""


@dataclass(frozen=True, slots=True)
class DistCp:
    """A copy from one folder of S3 to another.

    Attributes:
        source: URI.
        destination: URI.
        pattern: What a whole source URI must match; None for all.
    """

    source: str
    destination: str
    pattern: re.Pattern[str] | None


Command = Submission | DistCp


def command_of(step: Mapping[str, Any], layers: Mapping[str, str]) -> Command:
    """Return what a StepConfig asks for.

    Args:
        step: The StepConfig.
        layers: Properties of the cluster.

    Raises:
        InvalidRequestError: It asks for what is not supported, or is wrong.
    """
    jar = step.get("HadoopJarStep") or {}
    if jar.get("Jar") != _RUNNER:
        raise unsupported(f"the jar {jar.get('Jar')}; {_RUNNER} is")
    for name in ("MainClass", "Properties"):
        if jar.get(name):
            raise unsupported(f"HadoopJarStep.{name}")
    words = list(jar.get("Args") or [])
    try:
        match words[:1]:
            case ["spark-submit"]:
                return _submission(words[1:], layers)
            case ["s3-dist-cp"]:
                return _copy(words[1:])
    except RefusedError as error:
        raise InvalidRequestError(str(error)) from None
    raise unsupported(
        f"the command {words[0] if words else 'without a name'}; spark-submit and s3-dist-cp are"
    )


def _submission(words: list[str], layers: Mapping[str, str]) -> Submission:
    own = []
    while words and words[0].startswith("-"):
        option, equals, value = words[0].partition("=")
        taken = 1 if equals else 2
        value = value if equals else "".join(words[1:2])
        if option in _OF_THE_CLUSTER:
            if value not in _OF_THE_CLUSTER[option]:
                raise unsupported(f"{option} {value}; {' and '.join(_OF_THE_CLUSTER[option])} are")
        else:
            own += words[:taken]
        words = words[taken:]
    parameters, _ = read_options(own, "spark-submit")
    if not words:
        raise InvalidRequestError("spark-submit needs a script")
    return Submission(words[0], words[1:], parameters, [layers])


def _copy(words: Sequence[str]) -> DistCp:
    given: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option not in {"--src", "--dest", "--srcPattern"}:
            raise unsupported(f"s3-dist-cp's {option}; --src, --dest and --srcPattern are")
        given[option] = value if equals else next(rest, "")
    for option in ("--src", "--dest"):
        if urlsplit(given.get(option, "")).scheme not in {"s3", "s3a"}:
            raise InvalidRequestError(
                f"s3-dist-cp needs {option} as an s3:// URI; got {given.get(option, '')!r}"
            )
    try:
        pattern = re.compile(given["--srcPattern"]) if given.get("--srcPattern") else None
    except re.error as error:
        raise InvalidRequestError(f"s3-dist-cp's --srcPattern is no pattern: {error}") from None
    return DistCp(given["--src"], given["--dest"], pattern)
