"""From one record's bytes to one row of the archive, or to a reject that names the rule it broke."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import orjson

from contracts.rejects import Reject, Rule
from contracts.weather import MEASURES

Row = dict[str, Any]
Parse = Callable[[bytes], Row | Reject]

FLIGHT_KINDS = frozenset({"scheduled", "departed", "arrived"})
LARGEST_DELAY = timedelta(hours=48)
"""The year's latest departure is under 22 hours behind its schedule, and no flight takes a day."""

_TIME = re.compile(r"(?:19[7-9]\d|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
MOST_BYTES = {"event_id": 64, "kind": 16, "carrier": 2, "origin": 3, "destination": 3, "tail_number": 8}
"""Of each text, in UTF-8: what the warehouse's columns hold. One longer record would stop every load."""

_INT32 = 2**31


class _BrokenRuleError(Exception):
    def __init__(self, rule: Rule, detail: str) -> None:
        super().__init__(rule, detail)
        self.rule = rule
        self.detail = detail


def parse_flight_event(data: bytes) -> Row | Reject:
    """Return a flight event's row, of `contracts.schema.FLIGHT_FIELDS`, or why there is none.

    Fields that are not known are ignored, so that producers may add some.

    >>> parse_flight_event(b"{").rule
    'not_json'
    """
    try:
        fields = _object(data)
        kind = _text(fields, "kind")
        if kind not in FLIGHT_KINDS:
            _refuse("unknown_kind", f"`kind` is {kind!r}")
        row: Row = {
            "event_id": _text(fields, "event_id"),
            "kind": kind,
            "event_time": _time(fields, "event_time"),
            "carrier": _text(fields, "carrier"),
            "flight": _integer(fields, "flight"),
            "origin": _text(fields, "origin"),
            "time_hour": _hour(fields, "time_hour"),
            "destination": _text(fields, "destination"),
            "tail_number": None if fields.get("tail_number") is None else _text(fields, "tail_number"),
            "scheduled_departure": _time(fields, "scheduled_departure"),
            "delay_minutes": None
            if fields.get("delay_minutes") is None
            else _integer(fields, "delay_minutes"),
        }
        _check_identity(row, f"{row['carrier']}-{row['flight']}-{row['origin']}", fields["time_hour"], kind)
        if kind == "departed" and row["delay_minutes"] is None:
            _refuse("missing_field", "`delay_minutes` of a departure is missing")
        if abs(row["event_time"] - row["scheduled_departure"]) > LARGEST_DELAY:
            _refuse("impossible_delay", f"`event_time` is {fields['event_time']!r}")
    except _BrokenRuleError as broken:
        return Reject(data, broken.rule, broken.detail)
    return row


def parse_weather_observation(data: bytes) -> Row | Reject:
    """Return an observation's row, of `contracts.schema.WEATHER_FIELDS`, or why there is none.

    >>> parse_weather_observation(b"[]").detail
    'a JSON list, not an object'
    """
    try:
        fields = _object(data)
        kind = _text(fields, "kind")
        if kind != "observed":
            _refuse("unknown_kind", f"`kind` is {kind!r}")
        row: Row = {
            "event_id": _text(fields, "event_id"),
            "event_time": _hour(fields, "event_time"),
            "origin": _text(fields, "origin"),
        }
        row |= {name: _measure(fields, name) for name in MEASURES}
        _check_identity(row, row["origin"], fields["event_time"], kind)
    except _BrokenRuleError as broken:
        return Reject(data, broken.rule, broken.detail)
    return row


def _refuse(rule: Rule, detail: str) -> NoReturn:
    raise _BrokenRuleError(rule, detail)


def _object(data: bytes) -> dict[str, Any]:
    try:
        fields = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        _refuse("not_json", str(error))
    if not isinstance(fields, dict):
        _refuse("not_json", f"a JSON {type(fields).__name__}, not an object")
    return fields


def _present(fields: dict[str, Any], name: str) -> Any:
    value = fields.get(name)
    if value is None:
        _refuse("missing_field", f"`{name}` is missing")
    return value


def _text(fields: dict[str, Any], name: str) -> str:
    value = _present(fields, name)
    if type(value) is not str:
        _refuse("wrong_type", f"`{name}` is {value!r}, not a string")
    most = MOST_BYTES.get(name)
    if most and len(value) * 4 > most and len(value.encode(errors="replace")) > most:
        _refuse("too_long", f"`{name}` is {value[:100]!r}, more than {most} bytes")
    return value


def _integer(fields: dict[str, Any], name: str) -> int:
    value = _present(fields, name)
    if type(value) is not int or not -_INT32 <= value < _INT32:
        _refuse("wrong_type", f"`{name}` is {value!r}, not an integer of 32 bits")
    return value


def _measure(fields: dict[str, Any], name: str) -> float | None:
    value = fields.get(name)
    if value is None:
        return None
    if type(value) not in {int, float}:
        _refuse("wrong_type", f"`{name}` is {value!r}, not a number")
    return float(value)


def _time(fields: dict[str, Any], name: str) -> datetime:
    text = _text(fields, name)
    if _TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            pass
    _refuse("bad_time", f"`{name}` is {text!r}")


def _hour(fields: dict[str, Any], name: str) -> datetime:
    hour = _time(fields, name)
    if hour.minute or hour.second:
        _refuse("bad_time", f"`{name}` is {fields[name]!r}, no whole hour")
    return hour


def _check_identity(row: Row, subject: str, hour: str, kind: str) -> None:
    spelled = f"{subject}-{hour[0:4]}{hour[5:7]}{hour[8:13]}-{kind}"
    if row["event_id"] != spelled:
        _refuse("wrong_identity", f"`event_id` is {row['event_id']!r}, not {spelled!r}")
