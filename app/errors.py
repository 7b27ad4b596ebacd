"""Errors that end a command: one clear line each.

StandError           the command cannot go on; exit code 1
└── UsageError       what was asked for is not possible; exit code 2
"""


class StandError(Exception):
    """The command cannot go on; the message says what to do."""

    exit_code = 1


class UsageError(StandError):
    """What was asked for is not possible."""

    exit_code = 2
