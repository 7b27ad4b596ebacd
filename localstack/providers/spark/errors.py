"""What Spark's runs and EMR's APIs refuse."""


class RefusedError(Exception):
    """A run asks for what is not supported, or not allowed; the message names it, and says what to do."""


class EMRError(Exception):
    """What an API of EMR's answers where it cannot do what was asked."""

    code = "InternalServerException"
    status = 500

    def __init__(self, message: str) -> None:
        """Keep what it says."""
        super().__init__(message)
        self.message = message
