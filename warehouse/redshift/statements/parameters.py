"""A session's parameters: what SET, RESET and SHOW name.

Source: AWS, "Configuration reference". Some act here, some are written down because they could make no
difference, and some stand at one value, because at another they would change what statements mean.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from warehouse.redshift.errors import NotSupportedError, RedshiftError

READ_ONLY = "transaction_read_only"

_ON = frozenset({"on", "true", "yes", "1"})
_OFF = frozenset({"off", "false", "no", "0"})


@dataclass(frozen=True, slots=True)
class _Parameter:
    """One parameter.

    Attributes:
        default: Its value in a new session.
        kind: text, number, switch, or fixed where it stands at its default.
        same: Other words for the default of one that is fixed.
    """

    default: str
    kind: str = "text"
    same: frozenset[str] = frozenset()


_KNOWN: Mapping[str, _Parameter] = MappingProxyType(
    {
        "analyze_threshold_percent": _Parameter("10", "number"),
        "application_name": _Parameter(""),
        "autocommit": _Parameter("on", "fixed", _ON),
        "cast_super_null_on_error": _Parameter("on", "fixed", _ON),
        "client_encoding": _Parameter("UTF8", "fixed", frozenset({"utf8", "utf-8", "unicode"})),
        "datestyle": _Parameter("ISO, MDY", "fixed", frozenset({"iso, mdy", "iso,mdy", "iso"})),
        f"default_{READ_ONLY}": _Parameter("off", "switch"),
        "describe_field_name_in_uppercase": _Parameter("off", "fixed", _OFF),
        "downcase_delimited_identifier": _Parameter("on", "fixed", _ON),
        "enable_case_sensitive_identifier": _Parameter("off", "fixed", _OFF),
        "enable_case_sensitive_super_attribute": _Parameter("off", "fixed", _OFF),
        "enable_result_cache_for_session": _Parameter("on", "switch"),
        "enable_vacuum_boost": _Parameter("off", "switch"),
        "error_on_nondeterministic_update": _Parameter("off", "fixed", _OFF),
        "extra_float_digits": _Parameter("0", "number"),
        "json_serialization_enable": _Parameter("off", "fixed", _OFF),
        "json_serialization_parse_nested_strings": _Parameter("off", "fixed", _OFF),
        "max_concurrency_scaling_clusters": _Parameter("1", "number"),
        "mv_enable_aqmv_for_session": _Parameter("on", "switch"),
        "navigate_super_null_on_error": _Parameter("on", "fixed", _ON),
        "parse_super_null_on_error": _Parameter("off", "fixed", _OFF),
        "query_group": _Parameter("default"),
        "search_path": _Parameter('"$user", public'),
        "statement_timeout": _Parameter("0", "number"),
        "timezone": _Parameter("UTC", "fixed", frozenset({"utc", "gmt", "etc/utc", "default", "0"})),
        READ_ONLY: _Parameter("off", "switch"),
        "wlm_query_slot_count": _Parameter("1", "number"),
    }
)
SHOWN: Mapping[str, str] = MappingProxyType(
    {
        "integer_datetimes": "on",
        "server_encoding": "UTF8",
        "server_version": "8.0.2",
        "transaction_isolation": "serializable",
    }
)
"""What SHOW names and SET cannot change."""


class Parameters:
    """The parameters of one session; what a transaction SET is undone where it is rolled back."""

    def __init__(self) -> None:
        """Start with the defaults."""
        self._values: dict[str, str] = {}
        self._at_begin: dict[str, str] = {}
        self._locals: dict[str, str | None] = {}

    def __getitem__(self, name: str) -> str:
        """Return a value.

        Raises:
            RedshiftError: There is no such parameter.
        """
        if name in SHOWN:
            return SHOWN[name]
        if name not in _KNOWN:
            msg = f'unrecognized configuration parameter "{name}"'
            raise RedshiftError(msg, "42704")
        return self._values.get(name, _KNOWN[name].default)

    @property
    def names(self) -> list[str]:
        """All names, in their order."""
        return sorted({*_KNOWN, *SHOWN})

    def set(self, name: str, value: str, *, is_local: bool = False) -> None:
        """Set a parameter, until the transaction ends where it is local.

        Raises:
            NotSupportedError: It is not there, or stands at one value.
            RedshiftError: The value is none that it can have.
        """
        known = _KNOWN.get(name)
        if known is None:
            feature = f"SET {name}"
            raise NotSupportedError(feature)
        kept = _checked(name, known, value)
        if is_local:
            self._locals.setdefault(name, self._values.get(name))
        else:
            self._locals.pop(name, None)
        self._values[name] = kept

    def reset(self, name: str) -> None:
        """Set a parameter to its default, or all of them.

        Raises:
            RedshiftError: There is no such parameter.
        """
        if name == "all":
            self._values.clear()
        else:
            _ = self[name]
            self._values.pop(name, None)

    def begin(self) -> None:
        """Remember what is set: a transaction begins."""
        self._at_begin = dict(self._values)
        self._locals.clear()

    def end(self, *, is_commit: bool) -> bool:
        """Undo what the transaction does not leave behind; return whether that changed anything."""
        before = dict(self._values)
        if not is_commit:
            self._values = dict(self._at_begin)
        else:
            for name, value in self._locals.items():
                if value is None:
                    self._values.pop(name, None)
                else:
                    self._values[name] = value
        self._locals.clear()
        return self._values != before


def _checked(name: str, known: _Parameter, value: str) -> str:
    lowered = value.strip().lower()
    if lowered == "default":
        return known.default
    if known.kind == "fixed":
        if lowered not in {known.default.lower(), *known.same}:
            feature = f"SET {name} to `{value}`; it stands at `{known.default}`"
            raise NotSupportedError(feature)
        return known.default
    if known.kind == "switch":
        if lowered not in _ON | _OFF:
            msg = f'parameter "{name}" requires a Boolean value; got `{value}`'
            raise RedshiftError(msg, "22023")
        return "on" if lowered in _ON else "off"
    if known.kind == "number" and not lowered.removeprefix("-").isdecimal():
        msg = f'invalid value for parameter "{name}": "{value}"'
        raise RedshiftError(msg, "22023")
    return value.strip()


def path_of(search_path: str, user: str) -> list[str]:
    """Return the schemas that search_path names, in their order.

    >>> path_of('"$user", public, "My,Schema"', "ann")
    ['ann', 'public', 'my,schema']
    """
    names = [quoted or plain for quoted, plain in re.findall(r'"((?:[^"]|"")*)"|([^\s,"]+)', search_path)]
    lowered = [name.replace('""', '"').lower() for name in names]
    return [user if name == "$user" else name for name in lowered]
