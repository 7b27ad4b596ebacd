"""EventBridge is told that a statement has ended, where its client asked for it.

Source: AWS, Amazon Redshift Management Guide, "Monitoring events for the Amazon Redshift Data API in Amazon
EventBridge".
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from warehouse.redshift.data_api.statement import TTL_SECONDS, Statement

DETAIL_TYPE = "Redshift Data Statement Status Change"
SOURCE = "aws.redshift-data"
_ACCOUNT = "000000000000"


def no_events(statement: Statement) -> None:
    """Tell nobody."""


def to_event_bridge(events: Any, cluster: str, region: str) -> Callable[[Statement], None]:
    """Return what puts an event of a statement on the default bus; one that cannot be put is told in a line.

    **Delivery**: at most once. The principal is the account's root, as LocalStack takes every caller to be.
    """

    def put(statement: Statement) -> None:
        entry = {
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Resources": [f"arn:aws:redshift:{region}:{_ACCOUNT}:cluster:{cluster}"],
            "Detail": json.dumps(detail(statement)),
        }
        try:
            failed = events.put_events(Entries=[entry])["FailedEntryCount"]
            reason = f"{failed} entries failed" if failed else ""
        except (BotoCoreError, ClientError) as error:
            reason = str(error)
        if reason:
            sys.stderr.write(f"warehouse: no event of statement {statement.identifier}: {reason}\n")

    return put


def detail(statement: Statement) -> dict[str, Any]:
    """Return what an event says of a statement."""
    result = statement.parts[-1].result
    return {
        "principal": f"arn:aws:iam::{_ACCOUNT}:root",
        "statementName": statement.asked.name,
        "statementId": statement.identifier,
        "redshiftQueryId": -1,
        "state": statement.status,
        "rows": result.affected if result else -1,
        "expireAt": int(statement.created) + TTL_SECONDS,
    }
