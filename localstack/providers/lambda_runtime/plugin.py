"""Lambda's execution environments as processes, chosen by LAMBDA_RUNTIME_EXECUTOR=process."""

from typing import Any

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """LocalStack keeps the control plane, concurrency, queues and logs; functions run here."""

    name = "process"

    def load(self, *_args: Any, **_kwargs: Any) -> Any:
        """Return the executor's class."""
        from localstack.providers.lambda_runtime.executor import ProcessExecutor  # noqa: PLC0415  # with the service

        return ProcessExecutor
