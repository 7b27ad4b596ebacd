"""LocalStack's runtime executor, on sandbox.py."""

import tempfile
from pathlib import Path
from typing import Any

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from localstack.providers.lambda_runtime.sandbox import Function, Sandbox
from localstack.providers.settings import CloudSettings

RUNTIME = "python3.13"
_LOOPBACK = "127.0.0.1"


class UnsupportedRuntimeError(Exception):
    """A function that is not Python 3.13 in a zip."""

    def __init__(self, runtime: str | None) -> None:
        """Name the runtime."""
        super().__init__(runtime)
        self.runtime = runtime

    def __str__(self) -> str:
        """Say what there is."""
        return (
            f"Millrace's Lambda runs {RUNTIME} from a zip; got {self.runtime or 'an image'} (docs/lambda.md)"
        )


class ProcessExecutor(RuntimeExecutor):
    """One execution environment as a process."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002  # LocalStack's name
        """Start nothing yet."""
        super().__init__(id, function_version)
        self._sandbox: Sandbox | None = None

    def start(self, env_vars: dict[str, Any]) -> None:
        """See `Sandbox.start`."""
        config: Any = self.function_version.config
        settings = CloudSettings.from_env()
        function = Function(
            python=settings.functions_python,
            handler=config.handler,
            code=Path(config.code.get_unzipped_code_location()),
            layers=tuple(Path(layer.code.get_unzipped_code_location()) for layer in config.layers or ()),
            environment={name: str(value) for name, value in env_vars.items()}
            | {"AWS_EXECUTION_ENV": f"AWS_Lambda_{config.runtime}"},
            memory_mib=config.memory_size,
            timeout_seconds=config.timeout,
            version=self.function_version.id.qualifier,
            folder=Path(tempfile.mkdtemp(prefix=f"lambda-{self.id[:8]}-")),
        )
        self._sandbox = Sandbox(function)
        self._sandbox.start()

    def stop(self) -> None:
        """See `Sandbox.stop`."""
        sandbox, self._sandbox = self._sandbox, None
        if sandbox:
            sandbox.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """See `Sandbox.invoke`."""
        assert self._sandbox  # noqa: S101  # LocalStack starts it before
        outcome = self._sandbox.invoke(
            payload["invoke-id"],
            payload["payload"].encode(),
            payload["invoked-function-arn"],
            payload.get("trace-id") or "",
        )
        return InvocationResult(
            payload["invoke-id"], outcome.payload, is_error=outcome.is_error, logs=outcome.logs
        )

    def get_address(self) -> str:
        """Return where the environment is."""
        return _LOOPBACK

    def get_endpoint_from_executor(self) -> str:
        """Return where the environment finds LocalStack."""
        return _LOOPBACK

    def get_runtime_endpoint(self) -> str:
        """Return nothing that is used: each environment has a Runtime API of its own."""
        return f"http://{_LOOPBACK}"

    def get_logs(self) -> str:
        """Return what was printed and not yet given."""
        return self._sandbox.output() if self._sandbox else ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack the code and its layers.

        Raises:
            UnsupportedRuntimeError: It is another runtime's.
        """
        config: Any = function_version.config
        if config.runtime != RUNTIME or config.code is None:
            raise UnsupportedRuntimeError(config.runtime)
        config.code.prepare_for_execution()
        for layer in config.layers or ():
            layer.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Leave the code: versions share it, and LocalStack deletes it with the function."""
