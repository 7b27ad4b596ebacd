"""What LocalStack has no extension point for, patched.

Its factory of mappings names the pollers itself, hands them only part of the settings, and takes settings
that nobody honours. Eight names are replaced: the three pollers; the factory's method that makes a worker, to
hand on the rest of the settings; the worker's that stops it, at once: LocalStack says Disabled, and polls on
for a second; the one that deletes it, to forget how far it was, and to delete one that is paused, which
LocalStack leaves behind; the one that writes its state: a worker that an update has replaced must not write
Disabled over its successor's Enabled; and the provider's method that looks at settings before they are
stored, to refuse by name what is not honoured.
"""

from typing import Any

from localstack.aws.api.lambda_ import InvalidParameterValueException
from localstack.runtime import hooks

from localstack.providers.lambda_mapping.refusals import refusal, too_short
from localstack.providers.settings import CloudSettings


@hooks.on_infra_start()
def honour_settings() -> None:
    """Put ours in place of LocalStack's."""
    from localstack.services.lambda_.event_source_mapping import (  # noqa: PLC0415  # heavy, and only here
        esm_worker_factory,
    )
    from localstack.services.lambda_.event_source_mapping.esm_worker import (  # noqa: PLC0415  # as above
        EsmWorker,
    )
    from localstack.services.lambda_.provider import LambdaProvider  # noqa: PLC0415  # as above

    from localstack.providers.lambda_mapping.poller import POSITIONS, MappingPoller  # noqa: PLC0415  # as above
    from localstack.providers.lambda_mapping.queue_poller import QueueMapping  # noqa: PLC0415  # as above
    from localstack.providers.lambda_mapping.streams import (  # noqa: PLC0415  # as above
        DynamoDBMapping,
        EngineMapping,
        KinesisMapping,
    )

    workers: Any = esm_worker_factory
    make_worker = workers.EsmWorkerFactory.get_esm_worker
    stop_worker, delete_worker = EsmWorker.stop, EsmWorker.delete
    write_state: Any = EsmWorker.update_esm_state_in_store
    newest: dict[str, Any] = {}

    def get_esm_worker(factory: Any) -> Any:
        worker = make_worker(factory)
        if isinstance(worker.poller, MappingPoller | QueueMapping):
            worker.poller.settings = dict(factory.esm_config)
        newest[worker.uuid] = worker
        return worker

    def update_esm_state_in_store(worker: Any, state: Any) -> None:
        if newest.get(worker.uuid) is worker:
            write_state(worker, state)

    def stop(worker: Any) -> None:
        stop_worker(worker)
        if isinstance(worker.poller, MappingPoller | QueueMapping):
            worker.poller.end()

    def delete(worker: Any) -> None:
        delete_worker(worker)
        if isinstance(worker.poller, MappingPoller | QueueMapping):
            worker.poller.end()
        POSITIONS.forget(worker.uuid)
        newest.pop(worker.uuid, None)
        if not worker.enabled:
            worker.delete_esm_in_store()

    workers.KinesisPoller = EngineMapping if CloudSettings.from_env().is_kinesis_ours else KinesisMapping
    workers.DynamoDBPoller = DynamoDBMapping
    workers.SqsPoller = QueueMapping
    workers.EsmWorkerFactory.get_esm_worker = get_esm_worker
    untyped_worker: Any = EsmWorker
    untyped_worker.stop, untyped_worker.delete = stop, delete
    untyped_worker.update_esm_state_in_store = update_esm_state_in_store
    _refuse_by_name(LambdaProvider)


def _refuse_by_name(provider: Any) -> None:
    from localstack.providers.lambda_mapping.queue_poller import visibility_seconds  # noqa: PLC0415  # as above

    validate = provider.validate_event_source_mapping

    def validate_event_source_mapping(self: Any, context: Any, request: Any) -> Any:
        if reason := refusal(request):
            raise InvalidParameterValueException(reason, Type="User")
        answer = validate(self, context, request)
        source = request.get("EventSourceArn", "")
        if source.split(":")[2:3] == ["sqs"]:
            _, _, _, function_version, _ = answer
            if reason := too_short(visibility_seconds(source), function_version.config.timeout):
                raise InvalidParameterValueException(reason, Type="User")
        return answer

    provider.validate_event_source_mapping = validate_event_source_mapping
