"""What LocalStack has no extension point for, patched.

LocalStack counts invocations and errors, each by a thread and one or two requests to its CloudWatch, and
neither throttles, durations nor concurrency. Three names of its version manager are replaced: `invoke`,
around which these are counted, and the two functions that send what it counts itself; and one of its counting
service, the lease, within which an invocation really runs.

Its poller of asynchronous invocations has botocore repeat a throttled one four times before it goes back to
the queue, and from there tries it each second; AWS puts it back at once, and pauses twice as long each time.
Under load most requests were these. Two names are replaced: the client, and what puts back.

It refuses no payload, whatever its size, and its UpdateAlias fails where it is given weights: two names of
its provider are replaced.
"""

import dataclasses
import io
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from localstack.aws.api import lambda_
from localstack.aws.api.lambda_ import TooManyRequestsException
from localstack.aws.connect import connect_to
from localstack.runtime import hooks

from localstack.providers.lambda_runtime.invoking import QueueClient
from localstack.providers.lambda_runtime.limits import too_large
from localstack.providers.lambda_runtime.metrics import Metrics, datum
from localstack.providers.lambda_runtime.report import duration_ms

_LOGGER = logging.getLogger(__name__)
_NAMESPACE = "AWS/Lambda"
_MOST_DATA = 1000
_SEND_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 300
_SERVICE_EXCEPTION: Any = vars(lambda_)["ServiceException"]  # of two classes of that name, Lambda's own
_METRICS: dict[tuple[str, str], Metrics] = {}
"""By account and region."""


@hooks.on_infra_start()
def complete_lambda() -> None:
    """Put ours in place of LocalStack's."""
    from localstack.services.lambda_.invocation import (  # noqa: PLC0415  # heavy, and only here
        event_manager,
        version_manager,
    )
    from localstack.services.lambda_.invocation.counting_service import (  # noqa: PLC0415  # as above
        CountingService,
    )
    from localstack.services.lambda_.provider import LambdaProvider  # noqa: PLC0415  # as above

    _count_invocations(version_manager)
    _count_running(CountingService)
    _put_back_as_aws(event_manager)
    _limit_payloads(LambdaProvider)
    _weigh_updated_aliases(LambdaProvider)


def _count_invocations(module: Any) -> None:
    manager = module.LambdaVersionManager
    invoke_function = manager.invoke

    def invoke(self: Any, *, invocation: Any) -> Any:
        metrics, name = _of(self.function_version.id)
        try:
            result = invoke_function(self, invocation=invocation)
        except TooManyRequestsException:
            metrics.note(name, "Throttles", 1)
            raise
        if result.is_error and self.shutdown_event.is_set():
            # An update ended the process beneath it; on AWS it would have ended on its old code.
            message = f"{name} was updated while it ran"
            raise _SERVICE_EXCEPTION(message)
        metrics.note(name, "Invocations", 1)
        metrics.note(name, "Errors", int(result.is_error))
        if (took := duration_ms(result.logs or "")) is not None:
            metrics.note(name, "Duration", took)
        return result

    def count_nothing(**_names: str) -> None:
        """It is counted already."""

    manager.invoke = invoke
    module.record_cw_metric_invocation = module.record_cw_metric_error = count_nothing
    threading.Thread(target=_send_for_ever, daemon=True, name="lambda-metrics").start()


def _count_running(service: Any) -> None:
    lease = service.get_invocation_lease

    @contextmanager
    def get_invocation_lease(self: Any, function: Any, version: Any, *provisioned: Any) -> Iterator[Any]:
        metrics, name = _of(version.id)
        with lease(self, function, version, *provisioned) as kind, metrics.running(name):
            yield kind

    service.get_invocation_lease = get_invocation_lease


def _of(version: Any) -> tuple[Metrics, str]:
    """Return the metrics of a version's account and region, and its function's name."""
    return _METRICS.setdefault((version.account, version.region), Metrics()), version.function_name


def _put_back_as_aws(module: Any) -> None:
    poller = module.Poller
    make = poller.__init__

    def init(self: Any, version_manager: Any, event_queue_url: str) -> None:
        make(self, version_manager, event_queue_url)
        self.lambda_client = QueueClient()

    def put_back(self: Any, invocation: Any, error: Exception) -> Any:
        pause = min(2**invocation.exception_retries, _LONGEST_PAUSE_SECONDS)
        invocation.exception_retries += 1
        queues = module.get_sqs_client(self.version_manager.function_version)
        body = invocation.encode()
        queues.send_message(QueueUrl=self.event_queue_url, MessageBody=body, DelaySeconds=pause)
        is_throttled = isinstance(error, TooManyRequestsException)
        status = module.FunctionStatus
        return status.throttle_error if is_throttled else status.system_error

    poller.__init__ = init
    poller.process_throttles_and_system_errors = put_back


def _limit_payloads(provider: Any) -> None:
    from localstack.services.lambda_.invocation.lambda_models import (  # noqa: PLC0415  # as above
        RequestEntityTooLargeException,
    )

    invoke_function = provider.invoke

    def invoke(self: Any, context: Any, **request: Any) -> Any:
        if payload := request.get("payload"):
            data = payload.read()
            if reason := too_large(len(data), request.get("invocation_type")):
                raise RequestEntityTooLargeException(reason)
            request["payload"] = io.BytesIO(data)
        return invoke_function(self, context, **request)

    provider.invoke = invoke


def _weigh_updated_aliases(provider: Any) -> None:
    from localstack.services.lambda_ import api_utils  # noqa: PLC0415  # as above
    from localstack.services.lambda_.provider_utils import get_function_version  # noqa: PLC0415  # as above

    update = provider.update_alias

    def update_alias(self: Any, context: Any, function_name: Any, name: Any, **request: Any) -> Any:
        weights = (request.get("routing_config") or {}).get("AdditionalVersionWeights")
        if not weights:
            return update(self, context, function_name, name, **request)
        there = self.get_alias(context, function_name, name)
        account, region = api_utils.get_account_and_region(function_name, context)
        where = {
            "function_name": api_utils.get_function_name(function_name, context),
            "account_id": account,
            "region": region,
        }
        qualifier = request.get("function_version") or there["FunctionVersion"]
        version = get_function_version(qualifier=qualifier, **where)
        routing = self._create_routing_config_model(weights, version)
        update(self, context, function_name, name, **request | {"routing_config": None})
        aliases = self._get_function(**where).aliases
        aliases[name] = dataclasses.replace(aliases[name], routing_configuration=routing)
        return self.get_alias(context, function_name, name)

    provider.update_alias = update_alias


def _send_for_ever() -> None:
    while True:
        time.sleep(_SEND_SECONDS)
        for (account, region), metrics in list(_METRICS.items()):
            data = [datum(*each) for each in metrics.take()]
            for first in range(0, len(data), _MOST_DATA):
                _send(account, region, data[first : first + _MOST_DATA])


def _send(account: str, region: str, data: list[dict[str, Any]]) -> None:
    try:
        cloudwatch = connect_to(aws_access_key_id=account, region_name=region).cloudwatch
        cloudwatch.put_metric_data(Namespace=_NAMESPACE, MetricData=data)
    except Exception as error:  # noqa: BLE001  # whatever it is, counting must not end
        _LOGGER.warning("Lambda's metrics of a second are not sent: %s", error)
