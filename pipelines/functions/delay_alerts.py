"""Lambda delay-alerts: changes of the board from DynamoDB Streams to alerts.

**Parallelism**: the stream's shards. **Delivery**: one item a flight, and a message at least once. **Order**:
none needed. **On failure**: the batch comes again; after the mapping's retries its position is in the
dead-letter queue.
"""

from functools import cache
from typing import Any

from pipelines.functions.alerts import AwsAlerts, late, raise_alerts
from runtime.aws import client
from runtime.clock import SystemClock
from runtime.settings import Settings


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """Take one batch of a DynamoDB stream with new images."""
    flights = late(event["Records"])
    return {"raised": raise_alerts(_alerts(), flights, SystemClock().now().timestamp())}


@cache
def _alerts() -> AwsAlerts:
    settings = Settings.from_env()
    return AwsAlerts(client("dynamodb", settings), client("sqs", settings), settings.alerts)
