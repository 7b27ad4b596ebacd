"""No run reaches AWS unasked: that could cost money."""

import re
from collections.abc import Mapping

from localstack.providers.spark.errors import RefusedError

ALLOW = "MILLRACE_ALLOW_AWS"
_PROPERTY = re.compile(r"(spark\.hadoop\.)?fs\.s3[an]?\.(bucket\..+\.)?endpoint")
_VARIABLE = re.compile(r"(spark\.(executorEnv|emr-serverless\.driverEnv)\.)?AWS_ENDPOINT_URL(_\w+)?")
_LOOPBACK = re.compile(
    r"(https?://)?(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d+)?/?", re.IGNORECASE
)


def check_endpoints(settings: Mapping[str, str], *, is_aws_allowed: bool) -> None:
    """Refuse every endpoint but a loopback one; an empty one is AWS's own.

    Args:
        settings: Properties of Spark, and variables of its environment.
        is_aws_allowed: Whether the user allowed what could cost money.

    Raises:
        RefusedError: One is not on this machine.
    """
    if is_aws_allowed:
        return
    for name, value in settings.items():
        is_endpoint = _PROPERTY.fullmatch(name) or _VARIABLE.fullmatch(name)
        if is_endpoint and not _LOOPBACK.fullmatch(value.strip()):
            msg = f"`{name}` is not on this machine: got `{value}`; set {ALLOW}=1 where that is meant"
            raise RefusedError(msg)
