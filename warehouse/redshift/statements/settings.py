"""SET and RESET of a session's parameters.

Source: https://docs.aws.amazon.com/redshift/latest/dg/r_SET.html, r_RESET.html.
"""

from dataclasses import dataclass

from sqlglot.tokenizer_core import TokenType

from warehouse.redshift.errors import NotSupportedError
from warehouse.redshift.result import Result
from warehouse.redshift.statements.command import Command, Context
from warehouse.redshift.statements.parameters import READ_ONLY
from warehouse.redshift.statements.reader import Reader

_LEVELS = ("serializable", "repeatable read", "read committed", "read uncommitted", "snapshot")


@dataclass(frozen=True, slots=True)
class Set:
    """SET [SESSION | LOCAL] name TO value."""

    name: str
    value: str
    is_local: bool

    def run(self, context: Context) -> Result:
        """Set it."""
        context.parameters.set(self.name, self.value, is_local=self.is_local)
        if self.name == "search_path":
            context.search()
        return Result("SET")


@dataclass(frozen=True, slots=True)
class Reset:
    """RESET name | ALL."""

    name: str

    def run(self, context: Context) -> Result:
        """Set it to its default."""
        context.parameters.reset(self.name)
        context.search()
        return Result("RESET")


@dataclass(frozen=True, slots=True)
class SetMode:
    """SET [SESSION CHARACTERISTICS AS] TRANSACTION …: every isolation level is SERIALIZABLE.

    Attributes:
        read_only: on or off; empty where it is not said.
        is_of_session: Whether it is for the transactions that come.
    """

    read_only: str
    is_of_session: bool

    def run(self, context: Context) -> Result:
        """Set whether transactions may write."""
        if self.read_only:
            name = f"default_{READ_ONLY}" if self.is_of_session else READ_ONLY
            context.parameters.set(name, self.read_only, is_local=not self.is_of_session)
        return Result("SET")


def set_parameter(reader: Reader) -> Command:
    """Read what follows SET."""
    if reader.take("session", "authorization"):
        feature = "SET SESSION AUTHORIZATION"
        raise NotSupportedError(feature)
    if whose := reader.take_one("session characteristics as transaction", "transaction"):
        reader.take("isolation", "level")
        mode = "" if reader.take_one(*_LEVELS) else reader.take_one("read write", "read only")
        reader.end()
        return SetMode({"read only": "on", "read write": "off"}.get(mode, ""), "session" in whose)
    is_local = reader.take_one("session", "local") == "local"
    if reader.take("time", "zone"):
        name = "timezone"
    else:
        name = _name(reader)
        if not reader.take_one("to", "="):
            reader.fail()
    parts = [_value(reader)]
    while reader.take(","):
        parts.append(_value(reader))
    reader.end()
    return Set(name, ", ".join(parts), is_local)


def reset(reader: Reader) -> Command:
    """Read what follows RESET."""
    name = _name(reader)
    reader.end()
    return Reset(name)


def _name(reader: Reader) -> str:
    parts = [reader.identifier()]
    while reader.take("."):
        parts.append(reader.identifier())
    return ".".join(parts)


def _value(reader: Reader) -> str:
    """Return a value as SHOW is to say it: a quoted name stays quoted, a string does not."""
    sign = "-" if reader.take("-") else ""
    token = reader.next()
    if token.token_type is TokenType.IDENTIFIER:
        doubled = token.text.replace('"', '""')
        return f'"{doubled}"'
    return sign + token.text
