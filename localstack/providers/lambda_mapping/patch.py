"""What LocalStack has no extension point for, patched.

Its factory of mappings names the pollers of streams itself, hands them only part of the settings, and takes
settings that nobody honours. Four names are replaced: both pollers, the factory's method that makes a worker
(to hand on the rest of the settings), and the provider's method that looks at settings before they are
stored (to refuse by name what is not honoured).
"""

from collections.abc import Mapping
from typing import Any

from localstack.aws.api.lambda_ import InvalidParameterValueException
from localstack.runtime import hooks

from localstack.providers.lambda_mapping.delivery import FOREVER

_LEAST_AGE, _MOST_AGE = 60, 604_800
_MOST_LANES = 10
_NOT_HONOURED = ("TumblingWindowInSeconds", "ScalingConfig", "ProvisionedPollerConfig")


@hooks.on_infra_start()
def honour_settings() -> None:
    """Put ours in place of LocalStack's."""
    from localstack.services.lambda_.event_source_mapping import (  # noqa: PLC0415  # heavy, and only here
        esm_worker_factory,
    )
    from localstack.services.lambda_.provider import LambdaProvider  # noqa: PLC0415  # as above

    from localstack.providers.lambda_mapping.poller import (  # noqa: PLC0415  # as above
        DynamoDBMapping,
        KinesisMapping,
        MappingPoller,
    )

    workers: Any = esm_worker_factory
    make_worker = workers.EsmWorkerFactory.get_esm_worker
    validate = LambdaProvider.validate_event_source_mapping

    def get_esm_worker(factory: Any) -> Any:
        worker = make_worker(factory)
        if isinstance(worker.poller, MappingPoller):
            worker.poller.settings = dict(factory.esm_config)
        return worker

    def validate_event_source_mapping(provider: Any, context: Any, request: Any) -> Any:
        _refuse(request)
        return validate(provider, context, request)

    workers.KinesisPoller = KinesisMapping
    workers.DynamoDBPoller = DynamoDBMapping
    workers.EsmWorkerFactory.get_esm_worker = get_esm_worker
    lambda_provider: Any = LambdaProvider
    lambda_provider.validate_event_source_mapping = validate_event_source_mapping


def _refuse(settings: Mapping[str, Any]) -> None:
    """Refuse what is not honoured, and what AWS does not allow."""
    for name in _NOT_HONOURED:
        if settings.get(name):
            raise _invalid(f"Millrace's Lambda does not support {name}; see docs/lambda.md")
    age = settings.get("MaximumRecordAgeInSeconds")
    if age is not None and age != FOREVER and not _LEAST_AGE <= age <= _MOST_AGE:
        raise _invalid(
            f"MaximumRecordAgeInSeconds must be -1, or from {_LEAST_AGE} to {_MOST_AGE}; got {age}"
        )
    if not 1 <= settings.get("ParallelizationFactor", 1) <= _MOST_LANES:
        raise _invalid(f"ParallelizationFactor must be from 1 to {_MOST_LANES}")
    if settings.get("StartingPosition") == "AT_TIMESTAMP" and not settings.get("StartingPositionTimestamp"):
        raise _invalid("StartingPosition AT_TIMESTAMP needs a StartingPositionTimestamp")


def _invalid(message: str) -> InvalidParameterValueException:
    return InvalidParameterValueException(message, Type="User")
