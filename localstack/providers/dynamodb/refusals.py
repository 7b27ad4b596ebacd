"""What is refused by name: moto fails at it, or does nothing that a client could see."""

from typing import Any

_PARTIQL = "PartiQL"  # SELECT, UPDATE and parameters of INSERT end in errors of moto's parser
_S3 = "exports to and imports from S3"  # moto has an S3 of its own, which no client reaches
_KINESIS = "Kinesis streaming destinations"
_REFUSED = {
    "ExecuteStatement": _PARTIQL,
    "BatchExecuteStatement": _PARTIQL,
    "ExecuteTransaction": _PARTIQL,
    "ExportTableToPointInTime": _S3,
    "DescribeExport": _S3,
    "ListExports": _S3,
    "ImportTable": _S3,
    "DescribeImport": _S3,
    "ListImports": _S3,
    "EnableKinesisStreamingDestination": _KINESIS,
    "DisableKinesisStreamingDestination": _KINESIS,
    "DescribeKinesisStreamingDestination": _KINESIS,
    "UpdateKinesisStreamingDestination": _KINESIS,
}

_REFUSED_MEMBERS = {
    "CreateTable": ("TableClass", "ResourcePolicy"),
    "UpdateTable": ("ReplicaUpdates", "TableClass", "SSESpecification"),
}
_LEGACY = (
    "ConditionalOperator",  # is taken for AND
    "Expected",  # is overlooked by DeleteItem, and a Value beside Exists everywhere
    "AttributeUpdates",  # makes strings of BOOL and B, and lists of BS
    "QueryFilter",  # compares with the Python value of an attribute that may not be there
    "ScanFilter",
    "AttributesToGet",  # is overlooked but in BatchGetItem, where it is deeper
)


def refused(operation: str, *, is_in_moto: bool) -> str | None:
    """Return what an operation asks for and is not there; None where it is there.

    >>> refused("ExecuteStatement", is_in_moto=True)
    'PartiQL'
    >>> refused("CreateGlobalTable", is_in_moto=False)
    'CreateGlobalTable'
    """
    return _REFUSED.get(operation) or (None if is_in_moto else operation)


def refused_member(operation: str, request: dict[str, Any]) -> str | None:
    """Return a member of a request that moto ignores or takes for something else; None where there is none.

    >>> refused_member("UpdateTable", {"TableName": "board", "TableClass": "STANDARD"})
    'TableClass in UpdateTable'
    """
    for member in (*_REFUSED_MEMBERS.get(operation, ()), *_LEGACY):
        if member in request:
            return f"{member} in {operation}"
    return None
