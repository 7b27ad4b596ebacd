"""The one error of what a run asks for."""


class RefusedError(Exception):
    """A run asks for what is not supported, or not allowed; the message names it, and says what to do."""
