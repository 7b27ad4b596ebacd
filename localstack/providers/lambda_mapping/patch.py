"""What LocalStack has no extension point for, patched.

Its factory of mappings names the pollers of streams itself, hands them only part of the settings, and takes
settings that nobody honours. Four names are replaced: both pollers, the factory's method that makes a worker
(to hand on the rest of the settings), and the method that takes a new mapping's settings (to refuse by name
what is not honoured).
"""

from collections.abc import Mapping
from typing import Any

from localstack.aws.api.lambda_ import InvalidParameterValueException
from localstack.runtime import hooks

_NOT_HONOURED = ("TumblingWindowInSeconds", "ScalingConfig", "ProvisionedPollerConfig")


@hooks.on_infra_start()
def honour_settings() -> None:
    """Put ours in place of LocalStack's."""
    from localstack.services.lambda_.event_source_mapping import (  # noqa: PLC0415  # heavy, and only here
        esm_config_factory,
        esm_worker_factory,
    )

    from localstack.providers.lambda_mapping.poller import (  # noqa: PLC0415  # as above
        DynamoDBMapping,
        KinesisMapping,
        MappingPoller,
    )

    workers: Any = esm_worker_factory
    settings: Any = esm_config_factory
    make_worker = workers.EsmWorkerFactory.get_esm_worker
    make_settings = settings.EsmConfigFactory.get_esm_config

    def get_esm_worker(factory: Any) -> Any:
        _refuse(factory.esm_config)
        worker = make_worker(factory)
        if isinstance(worker.poller, MappingPoller):
            worker.poller.settings = dict(factory.esm_config)
        return worker

    def get_esm_config(factory: Any) -> Any:
        _refuse(factory.request)
        return make_settings(factory)

    workers.KinesisPoller = KinesisMapping
    workers.DynamoDBPoller = DynamoDBMapping
    workers.EsmWorkerFactory.get_esm_worker = get_esm_worker
    settings.EsmConfigFactory.get_esm_config = get_esm_config


def _refuse(settings: Mapping[str, Any]) -> None:
    for name in _NOT_HONOURED:
        if settings.get(name):
            message = f"Millrace's Lambda does not support {name}; see docs/lambda.md"
            raise InvalidParameterValueException(message, Type="User")
