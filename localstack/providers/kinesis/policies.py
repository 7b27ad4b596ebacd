"""Resource policies: what a stream or consumer lets other accounts do.

Statements of Effect, Principal, Action and Resource are honoured; what this engine would have to ignore is
refused when the policy is put (https://docs.aws.amazon.com/streams/latest/dev/resource-based-policy-examples.html).
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import orjson

from localstack.providers.kinesis.errors import invalid, unsupported

_PRINCIPAL = re.compile(r"\*|\d{12}|arn:aws:iam::\d{12}:root")
_SUPPORTED = {"Sid", "Effect", "Principal", "Action", "Resource"}


def check(policy: str) -> None:
    """Refuse a policy that is none, or that says what is not honoured here.

    Raises:
        KinesisError: InvalidArgumentException, UnsupportedOperationException.
    """
    try:
        document = orjson.loads(policy)
    except orjson.JSONDecodeError:
        raise invalid("The policy is not valid JSON.") from None
    statements = list(_statements(document))
    if not statements:
        raise invalid("The policy has no Statement.")
    for statement in statements:
        _check_statement(statement)


def _check_statement(statement: dict[str, Any]) -> None:
    if missing := {"Effect", "Principal", "Action", "Resource"} - statement.keys():
        raise _refusal(statement, missing)
    if statement["Effect"] not in ("Allow", "Deny"):
        raise invalid("Effect must be Allow or Deny.")
    if extra := statement.keys() - _SUPPORTED:
        raise unsupported(f"`{min(extra)}` in a resource policy")
    for name in ("Action", "Resource"):
        if not all(isinstance(each, str) for each in _many(statement[name])):
            raise invalid(f"{name} must be a string or a list of strings.")
    for principal in _principals(statement["Principal"]):
        if not (isinstance(principal, str) and _PRINCIPAL.fullmatch(principal)):
            raise unsupported(f"the principal {principal} in a resource policy: it takes accounts and `*`")


def allows(policy: str | None, account: str, action: str, resource: str) -> bool:
    """Return whether a policy allows another account an action: a Deny wins, no word is a no."""
    matching = [
        statement["Effect"]
        for statement in _statements(orjson.loads(policy) if policy else {})
        if any(
            name in ("*", account) or f":{account}:" in name for name in _principals(statement["Principal"])
        )
        and any(
            fnmatchcase(f"kinesis:{action}".lower(), pattern.lower())
            for pattern in _many(statement["Action"])
        )
        and any(fnmatchcase(resource, pattern) for pattern in _many(statement["Resource"]))
    ]
    return "Allow" in matching and "Deny" not in matching


def _refusal(statement: dict[str, Any], missing: set[str]) -> Exception:
    negated = {name for name in statement if name.startswith("Not")}
    if negated:
        return unsupported(f"`{min(negated)}` in a resource policy")
    return invalid(f"A statement of the policy has no {min(missing)}.")


def _statements(document: Any) -> Iterator[dict[str, Any]]:
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    yield from (each for each in _many(statements) if isinstance(each, dict))


def _principals(principal: Any) -> list[Any]:
    if isinstance(principal, dict):
        return _many(principal["AWS"]) if principal.keys() == {"AWS"} else [principal]
    return _many(principal)


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
