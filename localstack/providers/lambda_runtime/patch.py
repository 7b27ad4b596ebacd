"""What LocalStack has no extension point for, patched.

LocalStack counts invocations and errors, each by a thread and one or two requests to its CloudWatch, and
neither throttles, durations nor concurrency. Three names of its version manager are replaced: `invoke`,
around which all of these are counted, and the two functions that send what it counts itself.
"""

import logging
import threading
import time
from typing import Any

from localstack.aws.api.lambda_ import TooManyRequestsException
from localstack.aws.connect import connect_to
from localstack.runtime import hooks

from localstack.providers.lambda_runtime.metrics import Metrics, datum
from localstack.providers.lambda_runtime.report import duration_ms

_LOGGER = logging.getLogger(__name__)
_NAMESPACE = "AWS/Lambda"
_MOST_DATA = 1000
_SEND_SECONDS = 1.0
_METRICS: dict[tuple[str, str], Metrics] = {}
"""By account and region."""


@hooks.on_infra_start()
def count_invocations() -> None:
    """Put ours in place of LocalStack's."""
    from localstack.services.lambda_.invocation import version_manager  # noqa: PLC0415  # heavy, and only here

    module: Any = version_manager
    manager = module.LambdaVersionManager
    invoke_function = manager.invoke

    def invoke(self: Any, *, invocation: Any) -> Any:
        function = self.function_version.id
        metrics = _METRICS.setdefault((function.account, function.region), Metrics())
        name = function.function_name
        try:
            with metrics.running(name):
                result = invoke_function(self, invocation=invocation)
        except TooManyRequestsException:
            metrics.note(name, "Throttles", 1)
            raise
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
