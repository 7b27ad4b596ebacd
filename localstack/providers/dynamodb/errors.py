"""The errors that DynamoDB answers with.

    DynamoDBError                 code, message, further fields of the answer
    ├── invalid()                 ValidationException: the request is wrong
    ├── not_found()               ResourceNotFoundException: a table or stream is not there
    └── unsupported()             UnsupportedOperationException: AWS has it and this one has not

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from typing import Any


class DynamoDBError(Exception):
    """An answer with status 400.

    Attributes:
        code: AWS's name of the error.
        message: AWS's text.
        fields: Members of the answer beside the message, in the API's JSON.
    """

    def __init__(self, code: str, message: str, fields: dict[str, Any] | None = None) -> None:
        """Take AWS's code, its message and what else the answer holds."""
        super().__init__(code, message, fields)
        self.code = code
        self.message = message
        self.fields = fields or {}

    def __str__(self) -> str:
        """Return the code and the message."""
        return f"{self.code}: {self.message}"


def invalid(message: str) -> DynamoDBError:
    """Return the error of a request that the service refuses."""
    return DynamoDBError("ValidationException", message)


def not_found(message: str) -> DynamoDBError:
    """Return the error of a resource that is not there."""
    return DynamoDBError("ResourceNotFoundException", message)


def unsupported(what: str) -> DynamoDBError:
    """Return the refusal of what AWS has and Millrace has not."""
    message = f"Millrace's DynamoDB does not support {what}; see docs/dynamodb.md"
    return DynamoDBError("UnsupportedOperationException", message)
