"""Errors as Kinesis answers them: a code, a message and an HTTP status.

Codes and statuses are those of each operation's page in the Kinesis Data Streams API reference.
"""

from http import HTTPStatus


class KinesisError(Exception):
    """What a caller did that Kinesis refuses, or what failed on Kinesis's side."""

    def __init__(self, code: str, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        """Take AWS's code, its message and the HTTP status."""
        super().__init__(code, message, status)
        self.code = code
        self.message = message
        self.status = status

    def __str__(self) -> str:
        """Return the code and the message."""
        return f"{self.code}: {self.message}"


def invalid(message: str) -> KinesisError:
    """Return the error of an argument that the service refuses."""
    return KinesisError("InvalidArgumentException", message)


def not_valid(message: str) -> KinesisError:
    """Return the error of a request that breaks a constraint of the API's model."""
    return KinesisError("ValidationException", message)


def not_found(message: str) -> KinesisError:
    """Return the error of a resource that is not there."""
    return KinesisError("ResourceNotFoundException", message)


def in_use(message: str) -> KinesisError:
    """Return the error of a resource whose state forbids the operation."""
    return KinesisError("ResourceInUseException", message)


def limit_exceeded(message: str) -> KinesisError:
    """Return the error of a quota that is used up."""
    return KinesisError("LimitExceededException", message)


def denied(message: str) -> KinesisError:
    """Return the error of a caller who has no right."""
    return KinesisError("AccessDeniedException", message)


def unsupported(what: str) -> KinesisError:
    """Return the refusal of what AWS has and this engine has not."""
    message = f"Millrace's Kinesis does not support {what}; see docs/kinesis.md"
    return KinesisError("UnsupportedOperationException", message)


def internal(message: str = "Internal service failure.") -> KinesisError:
    """Return the error of a failure on Kinesis's side."""
    return KinesisError("InternalFailureException", message, HTTPStatus.INTERNAL_SERVER_ERROR)
