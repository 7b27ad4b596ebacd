"""The function of a mapping, invoked through LocalStack's sender."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from localstack.services.lambda_.event_source_mapping.senders.sender import (
    PartialFailureSenderError,
    SenderError,
)

from localstack.providers.lambda_mapping.delivery import Failed

_LOGGER = logging.getLogger(__name__)
_THROTTLED = {"TooManyRequestsException", "ServiceException"}


class Function:
    """Invokes one function, and says how it failed."""

    def __init__(self, processor: Any) -> None:
        """Take the sender of LocalStack's processor: the processor itself drops what a function answers."""
        self._sender = processor.sender
        self._sender.payload_dict = False  # the event is ours: a window's has more than records

    def call(self, records: Sequence[dict[str, Any]], fields: Mapping[str, Any]) -> tuple[Any, Failed | None]:
        """Invoke with records and more fields of the event; return the answer, and the failure."""
        try:
            return self._sender.send_events({"Records": list(records), **fields}), None
        except PartialFailureSenderError as error:
            payload = error.partial_failure_payload
            return payload, Failed(error.error or {}, _reported(payload))
        except SenderError as error:
            return None, Failed(error.error or {})
        except ClientError as error:
            return None, Failed({}, is_throttled=error.response["Error"]["Code"] in _THROTTLED)
        except BotoCoreError:
            return None, Failed({}, is_throttled=True)
        except Exception:  # an answer that LocalStack cannot read: the batch failed, the thread did not
            _LOGGER.exception("%s gave an answer that cannot be read", self._sender.target_arn)
            return None, Failed({})


def _reported(payload: Any) -> frozenset[str]:
    """Return the ids that a function reported; none, which is the whole batch, where it reported none."""
    try:
        return frozenset(str(each["itemIdentifier"]) for each in payload["batchItemFailures"])
    except (TypeError, KeyError):
        return frozenset()
