"""Which incarnation of a stream this is: what producers and consumers must agree on."""

from typing import Any

from contracts.positions import StreamIdentity


def stream_identity(kinesis: Any, name: str) -> StreamIdentity:
    """Ask Kinesis for a stream's ARN and creation time.

    Args:
        kinesis: A boto3 client.
        name: The stream's name.

    Raises:
        ResourceNotFoundException: There is no stream of that name.
    """
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    created_millis = round(summary["StreamCreationTimestamp"].timestamp() * 1000)
    return StreamIdentity(summary["StreamARN"], created_millis)
