"""CREATE, ALTER and DROP of users, groups and roles.

Source: AWS, "CREATE USER", "CREATE GROUP", "CREATE ROLE". What they may do is recorded, and not enforced.
"""

from dataclasses import dataclass, field
from hashlib import md5

from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.result import Result
from warehouse.redshift.statements.command import Command, Context
from warehouse.redshift.statements.people import Person, exists, next_id, require, require_free, require_user
from warehouse.redshift.statements.reader import Reader

type Value = str | bool | int | None

_SWITCHES = {
    "createdb": ("may_create_databases", True),
    "nocreatedb": ("may_create_databases", False),
    "createuser": ("is_superuser", True),
    "nocreateuser": ("is_superuser", False),
    "syslog access restricted": ("has_syslog_access", False),
    "syslog access unrestricted": ("has_syslog_access", True),
}
_OWNED = ("tables", "views", "schemas")


@dataclass(frozen=True, slots=True)
class CreateUser:
    """CREATE USER name PASSWORD … [options]."""

    name: str
    options: dict[str, Value]
    groups: tuple[str, ...]

    def run(self, context: Context) -> Result:
        """Create it."""
        require_free(context, "user", self.name)
        for group in self.groups:
            require(context, "group", group)
        row = (self.name, next_id(context), False, False, None, None, None, False)
        context.do("insert into _system.users values (?, ?, ?, ?, ?, ?, ?, ?)", *row)
        _set(context, self.name, self.options)
        for group in self.groups:
            context.do("insert into _system.members values (?, ?)", group, self.name)
        return Result("CREATE USER")


@dataclass(frozen=True, slots=True)
class AlterUser:
    """ALTER USER name options, or RENAME TO."""

    name: str
    options: dict[str, Value]
    new_name: str = ""

    def run(self, context: Context) -> Result:
        """Change it; its password ends with its name, which is part of the digest."""
        require_user(context, self.name)
        _set(context, self.name, self.options)
        if self.new_name:
            require_free(context, "user", self.new_name)
            context.do(
                "update _system.users set name = ?, password = null where name = ?", self.new_name, self.name
            )
            for record, column in (
                *((record, "owner") for record in (*_OWNED, "roles")),
                *(("members", '"user"'), ("grants", "grantee"), ("grants", "grantor")),
                ("role_grants", "grantee"),
            ):
                sql = f"update _system.{record} set {column} = ? where {column} = ?"  # noqa: S608  # ours
                context.do(sql, self.new_name, self.name)
        return Result("ALTER USER")


@dataclass(frozen=True, slots=True)
class DropPeople:
    """DROP USER, GROUP or ROLE [IF EXISTS] name [, …]."""

    kind: Person
    names: tuple[str, ...]
    is_if_there: bool
    is_forced: bool = False

    def run(self, context: Context) -> Result:
        """Drop them; a user that owns or was granted something stays."""
        for name in self.names:
            if self.is_if_there and not exists(context, self.kind, name):
                continue
            require(context, self.kind, name)
            self._check(context, name)
            context.do(f"delete from _system.{self.kind}s where name = ?", name)  # noqa: S608  # ours
            if self.kind != "role":
                context.do(f'delete from _system.members where "{self.kind}" = ?', name)  # noqa: S608  # ours
            sql = """
                delete from _system.role_grants
                where (grantee = $1 and grantee_kind = $2) or (role = $1 and $2 = 'role')
            """
            context.do(sql, name, self.kind)
            context.do("delete from _system.grants where grantee = ? and grantee_kind = ?", name, self.kind)
        return Result(f"DROP {self.kind.upper()}")

    def _check(self, context: Context, name: str) -> None:
        if self.kind == "user":
            if name == context.user:
                msg = "current user cannot be dropped"
                raise RedshiftError(msg, "55006")
            for record in _OWNED:
                if context.rows(f"select 1 from _system.{record} where owner = ? limit 1", name):  # noqa: S608
                    msg = f'user "{name}" cannot be dropped because the user owns some object'
                    raise RedshiftError(msg, "2BP01")
        sql = """
            select 1 from _system.grants where grantee = $1 and grantee_kind = $2
            union all select 1 from _system.role_grants where role = $1 and $2 = 'role'
        """
        if not self.is_forced and context.rows(sql, name, self.kind):
            msg = f'{self.kind} "{name}" cannot be dropped because it has a privilege on some object'
            raise RedshiftError(msg, "2BP01")


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """CREATE GROUP name [WITH USER names]."""

    name: str
    users: tuple[str, ...]

    def run(self, context: Context) -> Result:
        """Create it."""
        require_free(context, "group", self.name)
        context.do("insert into _system.groups values (?, ?)", self.name, next_id(context))
        _join(context, self.name, self.users)
        return Result("CREATE GROUP")


@dataclass(frozen=True, slots=True)
class AlterGroup:
    """ALTER GROUP name ADD USER | DROP USER | RENAME TO."""

    name: str
    verb: str
    names: tuple[str, ...] = field(default=())

    def run(self, context: Context) -> Result:
        """Change it."""
        require(context, "group", self.name)
        if self.verb == "add user":
            _join(context, self.name, self.names)
        elif self.verb == "drop user":
            for user in self.names:
                require_user(context, user)
                context.do('delete from _system.members where "group" = ? and "user" = ?', self.name, user)
        else:
            _rename(context, "group", self.name, self.names[0])
            context.do('update _system.members set "group" = ? where "group" = ?', self.names[0], self.name)
        return Result("ALTER GROUP")


@dataclass(frozen=True, slots=True)
class CreateRole:
    """CREATE ROLE name."""

    name: str

    def run(self, context: Context) -> Result:
        """Create it."""
        require_free(context, "role", self.name)
        context.do("insert into _system.roles values (?, ?, ?)", self.name, next_id(context), context.user)
        return Result("CREATE ROLE")


@dataclass(frozen=True, slots=True)
class AlterRole:
    """ALTER ROLE name RENAME TO | OWNER TO."""

    name: str
    verb: str
    other: str

    def run(self, context: Context) -> Result:
        """Change it."""
        require(context, "role", self.name)
        if self.verb == "owner to":
            require_user(context, self.other)
            context.do("update _system.roles set owner = ? where name = ?", self.other, self.name)
        else:
            _rename(context, "role", self.name, self.other)
            context.do("update _system.role_grants set role = ? where role = ?", self.other, self.name)
        return Result("ALTER ROLE")


def create_user(reader: Reader) -> Command:
    """Read what follows CREATE USER."""
    name = reader.identifier()
    reader.take("with")
    options, groups = _options(reader, name)
    reader.end()
    if "password" not in options:
        msg = "CREATE USER must have a PASSWORD, or PASSWORD DISABLE"
        raise RedshiftError(msg, "42601")
    return CreateUser(name, options, groups)


def alter_user(reader: Reader) -> Command:
    """Read what follows ALTER USER."""
    name = reader.identifier()
    reader.take("with")
    if reader.take("rename", "to"):
        command = AlterUser(name, {}, reader.identifier())
    else:
        options, groups = _options(reader, name)
        if groups or not options:
            reader.fail()
        command = AlterUser(name, options)
    reader.end()
    return command


def drop_people(reader: Reader, kind: Person) -> Command:
    """Read what follows DROP USER, GROUP or ROLE."""
    is_if_there = reader.take("if", "exists")
    names = _names(reader)
    is_forced = kind == "role" and reader.take_one("force", "restrict") == "force"
    reader.end()
    return DropPeople(kind, names, is_if_there, is_forced)


def create_group(reader: Reader) -> Command:
    """Read what follows CREATE GROUP."""
    name = reader.identifier()
    users: tuple[str, ...] = ()
    if reader.take_one("with user", "user"):
        users = _names(reader)
    reader.end()
    return CreateGroup(name, users)


def alter_group(reader: Reader) -> Command:
    """Read what follows ALTER GROUP."""
    name = reader.identifier()
    verb = reader.take_one("add user", "drop user", "rename to")
    if not verb:
        reader.fail()
    names = _names(reader)
    reader.end()
    return AlterGroup(name, verb, names)


def create_role(reader: Reader) -> Command:
    """Read what follows CREATE ROLE."""
    name = reader.identifier()
    if reader.take("externalid"):
        feature = "CREATE ROLE … EXTERNALID"
        raise NotSupportedError(feature)
    reader.end()
    return CreateRole(name)


def alter_role(reader: Reader) -> Command:
    """Read what follows ALTER ROLE."""
    name = reader.identifier()
    reader.take("with")
    verb = reader.take_one("rename to", "owner to")
    if not verb:
        feature = f"ALTER ROLE … {reader.keyword().upper()}"
        raise NotSupportedError(feature)
    other = reader.identifier()
    reader.end()
    return AlterRole(name, verb, other)


def _names(reader: Reader) -> tuple[str, ...]:
    names = [reader.identifier()]
    while reader.take(","):
        names.append(reader.identifier())
    return tuple(names)


def _options(reader: Reader, name: str) -> tuple[dict[str, Value], tuple[str, ...]]:
    options: dict[str, Value] = {}
    groups: tuple[str, ...] = ()
    while not reader.is_at_end:
        if switch := reader.take_one(*_SWITCHES):
            column, value = _SWITCHES[switch]
            options[column] = value
        elif reader.take("password"):
            options["password"] = None if reader.take("disable") else _digest(reader.text(), name)
        elif reader.take("valid", "until"):
            until = "infinity" if reader.take("infinity") else reader.text()
            options["valid_until"] = None if until == "infinity" else until
        elif reader.take("connection", "limit"):
            options["connection_limit"] = None if reader.take("unlimited") else reader.number()
        elif reader.take("in", "group"):
            groups = _names(reader)
        else:
            feature = f"option {reader.keyword().upper()} of a user"
            raise NotSupportedError(feature)
    return options, groups


def _digest(password: str, name: str) -> str:
    """Return what is kept of a password: AWS takes a digest as `md5` and 32 digits, or the password."""
    if password.startswith("md5") and len(password) == len("md5") + 32:
        return password
    if password.startswith("sha256|"):
        feature = "a password as a digest of SHA-256"
        raise NotSupportedError(feature)
    return "md5" + md5(f"{password}{name}".encode(), usedforsecurity=False).hexdigest()


def _set(context: Context, name: str, options: dict[str, Value]) -> None:
    for column, value in options.items():
        context.do(f"update _system.users set {column} = ? where name = ?", value, name)  # noqa: S608  # ours


def _join(context: Context, group: str, users: tuple[str, ...]) -> None:
    for user in users:
        require_user(context, user)
        context.do('delete from _system.members where "group" = ? and "user" = ?', group, user)
        context.do("insert into _system.members values (?, ?)", group, user)


def _rename(context: Context, kind: Person, name: str, new_name: str) -> None:
    require_free(context, kind, new_name)
    context.do(f"update _system.{kind}s set name = ? where name = ?", new_name, name)  # noqa: S608  # ours
    sql = "update _system.grants set grantee = ? where grantee = ? and grantee_kind = ?"
    context.do(sql, new_name, name, kind)
