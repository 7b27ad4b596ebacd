"""Which settings of a mapping are refused: those that are not honoured, and those that AWS does not allow.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from collections.abc import Mapping
from typing import Any

FOREVER = -1
_NOT_HONOURED = ("ProvisionedPollerConfig",)
_LIMITS = {
    "BatchSize": (1, 10_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "ParallelizationFactor": (1, 10),
    "MaximumRetryAttempts": (FOREVER, 10_000),
    "TumblingWindowInSeconds": (0, 900),
}
_LEAST_AGE_SECONDS, _MOST_AGE_SECONDS = 60, 604_800
_LEAST_CONCURRENCY, _MOST_CONCURRENCY = 2, 1000
_STREAMS_ONLY = (
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "StartingPosition",
    "StartingPositionTimestamp",
    "TumblingWindowInSeconds",
)


def refusal(settings: Mapping[str, Any]) -> str | None:
    """Return why a mapping's settings are refused; None where they are not."""
    source = str(settings.get("EventSourceArn", ""))
    for name in _NOT_HONOURED:
        if settings.get(name):
            return f"Millrace's Lambda does not support {name}; see docs/lambda.md"
    for name, (least, most) in _LIMITS.items():
        if not least <= settings.get(name, least) <= most:
            return f"{name} must be from {least} to {most}; got {settings[name]}"
    return _of_queues(source, settings) if source.split(":")[2:3] == ["sqs"] else _of_streams(settings)


def too_short(visibility_seconds: int, function_seconds: int) -> str | None:
    """Return why a queue is refused whose messages are seen again while a function may still work at them.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    if visibility_seconds >= function_seconds:
        return None
    return (
        f"Queue visibility timeout: {visibility_seconds} seconds is less than "
        f"Function timeout: {function_seconds} seconds"
    )


def _of_queues(source: str, settings: Mapping[str, Any]) -> str | None:
    for name in _STREAMS_ONLY:
        if settings.get(name):
            return f"Unsupported {name} parameter for given event source mapping type."
    most = settings.get("ScalingConfig", {}).get("MaximumConcurrency", _LEAST_CONCURRENCY)
    if not _LEAST_CONCURRENCY <= most <= _MOST_CONCURRENCY:
        return f"MaximumConcurrency must be from {_LEAST_CONCURRENCY} to {_MOST_CONCURRENCY}; got {most}"
    if source.endswith(".fifo") and settings.get("MaximumBatchingWindowInSeconds"):
        return "Batching window is not supported for FIFO queues."
    return None


def _of_streams(settings: Mapping[str, Any]) -> str | None:
    if settings.get("ScalingConfig"):
        return "Unsupported ScalingConfig parameter for given event source mapping type."
    age = settings.get("MaximumRecordAgeInSeconds", FOREVER)
    if age != FOREVER and not _LEAST_AGE_SECONDS <= age <= _MOST_AGE_SECONDS:
        return (
            f"MaximumRecordAgeInSeconds must be -1, or from {_LEAST_AGE_SECONDS} to {_MOST_AGE_SECONDS}; "
            f"got {age}"
        )
    if settings.get("StartingPosition") == "AT_TIMESTAMP" and not settings.get("StartingPositionTimestamp"):
        return "StartingPosition AT_TIMESTAMP needs a StartingPositionTimestamp"
    # AWS says what a shard's window is, and not what several of its batches at once would share of it.
    if settings.get("TumblingWindowInSeconds") and settings.get("ParallelizationFactor", 1) > 1:
        return (
            "Millrace's Lambda does not support TumblingWindowInSeconds with a ParallelizationFactor"
            " beyond 1; see docs/lambda.md"
        )
    return None
