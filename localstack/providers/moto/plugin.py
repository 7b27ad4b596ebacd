"""Services whose every operation is answered by moto, in LocalStack's own process: no jar, no Node."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from localstack.aws.spec import load_service
from localstack.services.moto import _proxy_moto
from localstack.services.plugins import Service, aws_provider


def _service(api: str) -> Service:
    # moto's stores are plain dictionaries: one that is read while another request writes to it fails.
    one_at_a_time = Lock()

    class Provider:
        service = api

    def answer(*arguments: Any) -> Any:
        with one_at_a_time:
            return _proxy_moto(*arguments)

    def dispatch_table(_provider: Any) -> dict[str, Callable[..., Any]]:
        return dict.fromkeys(load_service(api).operation_names, answer)

    return Service.for_provider(Provider(), dispatch_table_factory=dispatch_table)


@aws_provider(api="dynamodb", name="moto")
def dynamodb() -> Service:
    """DynamoDB."""
    return _service("dynamodb")


@aws_provider(api="dynamodbstreams", name="moto")
def dynamodbstreams() -> Service:
    """DynamoDB Streams."""
    return _service("dynamodbstreams")
