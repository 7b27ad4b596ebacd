"""How large an invocation's payload may be.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html: 6 MB, and 1 MB where nobody waits.
"""

_LIMITS = {"RequestResponse": 6 * 2**20, "Event": 2**20}


def too_large(size: int, invocation_type: str | None) -> str | None:
    """Return in AWS's words why a payload of so many bytes is refused; None where it is not.

    >>> too_large(2**20 + 1, "Event")
    '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)'
    """
    kind = invocation_type or "RequestResponse"
    limit = _LIMITS.get(kind, size)
    if size <= limit:
        return None
    return f"{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
