"""What the API answers where it cannot do what was asked.

EMRError
├── ValidationError    400: the request is wrong, or asks for what is not supported
├── NotFoundError      404: there is no such application or run
└── ConflictError      409: a client token came before, with another request
"""

from localstack.providers.spark.errors import EMRError


class ValidationError(EMRError):
    """The request is wrong, or asks for what is not supported."""

    code = "ValidationException"
    status = 400


class NotFoundError(EMRError):
    """There is no such application or run."""

    code = "ResourceNotFoundException"
    status = 404


class ConflictError(EMRError):
    """A client token came before, with another request."""

    code = "ConflictException"
    status = 409


def unsupported(what: str) -> ValidationError:
    """Return the refusal of what is not supported, by its name."""
    return ValidationError(f"Millrace's EMR Serverless does not support {what}; see docs/emr.md")
