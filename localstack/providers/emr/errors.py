"""What the API answers where it cannot do what was asked.

EMRError
├── InvalidRequestError    400: the request is wrong, or asks for what is not supported
└── ValidationError        400: what it names is there, and not in a state for it
"""

from localstack.providers.spark.errors import EMRError


class InvalidRequestError(EMRError):
    """The request is wrong, names what is not there, or asks for what is not supported."""

    code = "InvalidRequestException"
    status = 400


class ValidationError(EMRError):
    """What it names is there, and not in a state for it."""

    code = "ValidationException"
    status = 400


def unsupported(what: str) -> InvalidRequestError:
    """Return the refusal of what is not supported, by its name."""
    return InvalidRequestError(f"Millrace's EMR does not support {what}; see docs/emr-on-ec2.md")
