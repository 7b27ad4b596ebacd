"""What the Data API refuses, by AWS's names.

Source: AWS, Amazon Redshift Data API Reference, "Errors" of each operation.
"""


class DataApiError(Exception):
    """A request was refused.

    Attributes:
        code: AWS's name for why.
        message: What the client is shown.
        members: What AWS's error holds beside its message, such as `ResourceId`.
    """

    def __init__(self, code: str, message: str, **members: str) -> None:
        """Take AWS's name for it, the message and the other members."""
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.members = members


def not_valid(message: str) -> DataApiError:
    """Return the error of a request that asks for what cannot be."""
    return DataApiError("ValidationException", message)


def not_there(message: str, identifier: str) -> DataApiError:
    """Return the error of a statement, a result or a session that is not there."""
    return DataApiError("ResourceNotFoundException", message, ResourceId=identifier)


def no_connection(message: str) -> DataApiError:
    """Return the error of a database that cannot be connected to."""
    return DataApiError("DatabaseConnectionException", message)
