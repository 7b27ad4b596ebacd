"""An API of EMR's for LocalStack: who answers which operation, and the engine that goes on by itself."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.spec import load_service

from localstack import config
from localstack.providers.settings import CloudSettings
from localstack.providers.spark.errors import EMRError
from localstack.providers.spark.submission import Place

_STEP_SECONDS = 0.2


class Stepping(Protocol):
    """An engine: nothing of it happens by itself."""

    def step(self) -> None:
        """Move all on by one state."""
        ...


class Provider[Engine]:
    """Every operation of LocalStack's model: answered, or refused by its name."""

    def __init__(
        self,
        api: str,
        answers: Mapping[str, Callable[[Engine, Mapping[str, Any]], dict[str, Any]]],
        unsupported: Callable[[str], EMRError],
        engine_of: Callable[[str, str], Engine],
    ) -> None:
        """Take who answers.

        Args:
            api: LocalStack's name of the service.
            answers: By operation.
            unsupported: The refusal of what is not among them, by its name.
            engine_of: The engine of an account and a region.
        """
        self.service = api
        self._answers = answers
        self._unsupported = unsupported
        self._engine_of = engine_of

    def dispatch_table(self) -> dict[str, Callable[..., Any]]:
        """Return who answers which operation."""
        return dict.fromkeys(load_service(self.service).operation_names, self._answer)

    def _answer(self, context: RequestContext, request: Any) -> dict[str, Any]:
        operation: Any = context.operation
        try:
            if operation.name not in self._answers:
                raise self._unsupported(operation.name)
            return self._answers[operation.name](self._engine_of(context.account_id, context.region), request)
        except EMRError as error:
            raise CommonServiceException(error.code, error.message, error.status, True) from None  # noqa: FBT003  # theirs


def place_of(settings: CloudSettings, folder: Path) -> Place:
    """Return where Spark is, for runs whose files are in a folder."""
    return Place(
        python=settings.spark_python,
        java=settings.spark_java,
        jars=settings.spark_jars,
        folder=folder,
        endpoint_url=f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}",
        is_aws_allowed=settings.is_aws_allowed,
    )


def keep_on(engine: Stepping, name: str) -> None:
    """Have an engine go on in a thread of this name, for as long as LocalStack runs."""

    def go_on() -> None:
        while True:
            engine.step()
            time.sleep(_STEP_SECONDS)

    threading.Thread(target=go_on, name=name, daemon=True).start()
