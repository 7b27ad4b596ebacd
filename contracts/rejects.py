"""A reject: a record that cannot be an event, kept with its reason."""

from dataclasses import dataclass
from typing import Literal

Rule = Literal[
    "bad_batch",  # the bytes begin as a batch of events, and it cannot be read
    "not_json",  # the bytes are not one JSON object
    "missing_field",  # a field that every event has is absent or null
    "too_long",  # a text is longer than the warehouse holds
    "wrong_type",  # a field holds another type than its own
    "unknown_kind",  # `kind` is none of those that the stream carries
    "bad_time",  # a time is not RFC 3339 in UTC to the second, or not of 1970 to 2099, or no whole hour
    "wrong_identity",  # `event_id` is not the one that the event's own fields spell
    "impossible_delay",  # a departure or arrival is more than 48 hours off its schedule
]


@dataclass(frozen=True, slots=True)
class Reject:
    """Why a record is no event.

    Attributes:
        data: The record's bytes, untouched.
        rule: The rule that it broke.
        detail: The same for a person: which field, and what it held.
    """

    data: bytes
    rule: Rule
    detail: str
