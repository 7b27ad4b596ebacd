"""What is asked for is no dead-letter queue that can be read."""

from app.errors import UsageError


class OtherDestinationError(UsageError):
    """A destination that is no queue."""

    def __init__(self, function: str, arn: str) -> None:
        """Name both."""
        super().__init__(function, arn)
        self.function = function
        self.arn = arn

    def __str__(self) -> str:
        """Say what is read instead."""
        return f"`{self.function}` gives up to {self.arn}, and only SQS queues are read here; look there"


class SeveralQueuesError(UsageError):
    """A function that gives up to more than one queue."""

    def __init__(self, function: str, queues: str) -> None:
        """Name them."""
        super().__init__(function, queues)
        self.function = function
        self.queues = queues

    def __str__(self) -> str:
        """Say what to ask for."""
        return f"`{self.function}` gives up to {self.queues}; name one of these queues"


class MissingQueueError(UsageError):
    """A destination that was deleted, or was never made."""

    def __init__(self, function: str, arn: str) -> None:
        """Name both."""
        super().__init__(function, arn)
        self.function = function
        self.arn = arn

    def __str__(self) -> str:
        """Say that it is lost."""
        return f"`{self.function}` gives up to {self.arn}, which does not exist: make it, or letters are lost"


class NoSuchQueueError(UsageError):
    """Neither a dead-letter queue nor a function that has one."""

    def __init__(self, name: str) -> None:
        """Keep what was asked for."""
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        """Say where the names are."""
        return f"`{self.name}` is no dead-letter queue and no function with one; see `millrace dlq list`"
