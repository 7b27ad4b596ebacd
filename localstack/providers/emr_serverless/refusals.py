"""Which members of requests are refused, each by its name."""

from collections.abc import Mapping
from typing import Any

from localstack.providers.emr_serverless.errors import ValidationError, unsupported
from localstack.providers.emr_serverless.logs import LOG_TYPES
from localstack.providers.spark.configuration import properties_of
from localstack.providers.spark.errors import RefusedError
from localstack.providers.spark.parameters import Parameters, parse

_APPLICATION = (
    "networkConfiguration",
    "imageConfiguration",
    "workerTypeSpecifications",
    "diskEncryptionConfiguration",
    "interactiveConfiguration",
    "identityCenterConfiguration",
    "jobLevelCostAllocationConfiguration",
)
_MONITORING = (
    "managedPersistenceMonitoringConfiguration",
    "prometheusMonitoringConfiguration",
)


def check_application(request: Mapping[str, Any]) -> None:
    """Refuse what an application asks for in vain.

    Raises:
        ValidationError: It names what is not supported, or its configuration is wrong.
    """
    for name in _APPLICATION:
        if request.get(name):
            raise unsupported(name)
    if (engine := request.get("type", "SPARK")).upper() != "SPARK":
        raise unsupported(f"applications of type {engine}")
    _check_properties(request.get("runtimeConfiguration") or [])
    _check_monitoring(request.get("monitoringConfiguration") or {})


def check_run(request: Mapping[str, Any]) -> None:
    """Refuse what a run asks for in vain.

    Raises:
        ValidationError: It names what is not supported, or its configuration is wrong.
    """
    if request.get("executionIamPolicy"):
        raise unsupported("executionIamPolicy")
    if request.get("mode", "BATCH") != "BATCH":
        raise unsupported(f"mode {request['mode']}")
    if "maxFailedAttemptsPerHour" in request.get("retryPolicy", {}):
        raise unsupported("maxFailedAttemptsPerHour, which is of mode STREAMING")
    driver = request.get("jobDriver") or {}
    if "hive" in driver:
        raise unsupported("jobDriver.hive")
    submit = driver.get("sparkSubmit")
    if not submit:
        raise ValidationError("jobDriver.sparkSubmit is required")
    if not str(submit.get("entryPoint", "")).startswith("s3://"):
        raise ValidationError(f"entryPoint must be an s3:// URI; got `{submit.get('entryPoint', '')}`")
    parameters_of(submit)
    overrides = request.get("configurationOverrides") or {}
    if overrides.get("diskEncryptionConfiguration"):
        raise unsupported("diskEncryptionConfiguration")
    _check_properties(overrides.get("applicationConfiguration") or [])
    _check_monitoring(overrides.get("monitoringConfiguration") or {})


def parameters_of(submit: Mapping[str, Any]) -> Parameters:
    """Return the parameters of a sparkSubmit.

    Raises:
        ValidationError: An option is not supported.
    """
    try:
        return parse(submit.get("sparkSubmitParameters") or "")
    except RefusedError as error:
        raise ValidationError(str(error)) from None


def _check_properties(configurations: list[Any]) -> None:
    try:
        properties_of(configurations)
    except RefusedError as error:
        raise ValidationError(str(error)) from None


def _check_monitoring(monitoring: Mapping[str, Any]) -> None:
    for name in _MONITORING:
        if (asked := monitoring.get(name)) and asked.get("enabled", True):
            raise unsupported(name)
    cloudwatch = monitoring.get("cloudWatchLoggingConfiguration") or {}
    if cloudwatch.get("encryptionKeyArn"):
        raise unsupported("cloudWatchLoggingConfiguration.encryptionKeyArn")
    for worker, types in (cloudwatch.get("logTypes") or {}).items():
        for each in types:
            if worker != "SPARK_DRIVER" or each not in LOG_TYPES:
                raise unsupported(f"cloudWatchLoggingConfiguration.logTypes {worker} {each}")
    s3 = monitoring.get("s3MonitoringConfiguration") or {}
    if s3.get("encryptionKeyArn"):
        raise unsupported("s3MonitoringConfiguration.encryptionKeyArn")
    if s3 and not str(s3.get("logUri", "")).startswith("s3://"):
        raise ValidationError(f"logUri must be an s3:// URI; got `{s3.get('logUri', '')}`")
