"""Settings that are refused, by name."""

from typing import Any

import pytest

from localstack.providers.lambda_mapping.refusals import refusal

STREAM, QUEUE = "arn:aws:kinesis:us-east-1:0:stream/s", "arn:aws:sqs:us-east-1:0:q"


@pytest.mark.parametrize(
    ("source", "settings", "reason"),
    [
        (STREAM, {"ProvisionedPollerConfig": {"MinimumPollers": 1}}, "support ProvisionedPollerConfig"),
        (STREAM, {"TumblingWindowInSeconds": 901}, "TumblingWindowInSeconds must be from 0 to 900; got 901"),
        (STREAM, {"TumblingWindowInSeconds": 1, "ParallelizationFactor": 2}, "beyond 1"),
        (STREAM, {"ParallelizationFactor": 11}, "from 1 to 10"),
        (STREAM, {"MaximumRecordAgeInSeconds": 59}, "or from 60"),
        (STREAM, {"MaximumRetryAttempts": 10_001}, "from -1 to 10000"),
        (STREAM, {"StartingPosition": "AT_TIMESTAMP"}, "StartingPositionTimestamp"),
        (STREAM, {"ScalingConfig": {"MaximumConcurrency": 2}}, "Unsupported ScalingConfig"),
        (QUEUE, {"ScalingConfig": {"MaximumConcurrency": 1}}, "from 2 to 1000; got 1"),
        (QUEUE, {"ScalingConfig": {"MaximumConcurrency": 1001}}, "got 1001"),
        (QUEUE, {"MaximumBatchingWindowInSeconds": 301}, "from 0 to 300"),
        (QUEUE, {"BisectBatchOnFunctionError": True}, "Unsupported BisectBatchOnFunctionError"),
        (QUEUE + ".fifo", {"MaximumBatchingWindowInSeconds": 1}, "FIFO"),
    ],
)
def test_what_is_not_honoured_is_refused(source: str, settings: dict[str, Any], reason: str) -> None:
    """And the reason names the setting."""
    assert reason in (refusal({"EventSourceArn": source} | settings) or "")


@pytest.mark.parametrize(
    ("source", "settings"),
    [
        (
            STREAM,
            {"TumblingWindowInSeconds": 900, "ParallelizationFactor": 1, "MaximumRecordAgeInSeconds": -1},
        ),
        (STREAM, {"TumblingWindowInSeconds": 0, "ParallelizationFactor": 10, "MaximumRetryAttempts": -1}),
        (QUEUE, {"ScalingConfig": {"MaximumConcurrency": 1000}, "MaximumBatchingWindowInSeconds": 300}),
        (QUEUE + ".fifo", {"ScalingConfig": {}, "BatchSize": 10}),
    ],
)
def test_what_is_honoured_is_not_refused(source: str, settings: dict[str, Any]) -> None:
    """To AWS's limits."""
    assert refusal({"EventSourceArn": source} | settings) is None
