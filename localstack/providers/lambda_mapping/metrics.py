"""A mapping's metrics, put to LocalStack's CloudWatch."""

import logging

from botocore.exceptions import BotoCoreError, ClientError
from localstack.aws.connect import connect_to
from localstack.utils.aws.arns import parse_arn

_LOGGER = logging.getLogger(__name__)


def publish_iterator_age(function_arn: str, statistics: dict[str, float]) -> None:
    """Publish IteratorAge; as on AWS its one dimension is the function's name."""
    parsed = parse_arn(function_arn)
    name = parsed["resource"].removeprefix("function:").split(":")[0]
    client = connect_to(aws_access_key_id=parsed["account"], region_name=parsed["region"]).cloudwatch
    try:
        client.put_metric_data(
            Namespace="AWS/Lambda",
            MetricData=[
                {
                    "MetricName": "IteratorAge",
                    "Dimensions": [{"Name": "FunctionName", "Value": name}],
                    "Unit": "Milliseconds",
                    "StatisticValues": statistics,
                }
            ],
        )
    except (BotoCoreError, ClientError) as error:
        _LOGGER.debug("IteratorAge of %s is not published: %s", name, error)
