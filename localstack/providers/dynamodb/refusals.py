"""What is refused by name: moto fails at it, or does nothing that a client could see."""

import re

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


def refused(operation: str, *, is_in_moto: bool) -> str | None:
    """Return what an operation asks for and is not there; None where it is there.

    >>> refused("ExecuteStatement", is_in_moto=True)
    'PartiQL'
    >>> refused("CreateGlobalTable", is_in_moto=False)
    'CreateGlobalTable'
    """
    return _REFUSED.get(operation) or (None if is_in_moto else operation)


_REFUSED_MEMBERS = {
    "TransactGetItems": ("ProjectionExpression",),
    "UpdateTable": ("ReplicaUpdates", "TableClass"),
}
_REFUSED_EVERYWHERE = ("ConditionalOperator",)  # moto joins by AND whatever it says


def refused_member(operation: str, body: bytes) -> str | None:
    """Return a member of a request that moto would ignore; None where there is none.

    A member's name in quotes and with its colon is in no value of the API's JSON, whose quotes are escaped.

    >>> refused_member("UpdateTable", b'{"TableName":"t","TableClass":"STANDARD"}')
    'TableClass in UpdateTable'
    """
    for member in (*_REFUSED_MEMBERS.get(operation, ()), *_REFUSED_EVERYWHERE):
        if re.search(rb'"%s"\s*:' % member.encode(), body):
            return f"{member} in {operation}"
    return None
