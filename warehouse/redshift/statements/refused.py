"""What Redshift has and this warehouse has not: refused by name."""

from collections.abc import Mapping
from types import MappingProxyType

REFUSED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "alter": (
            *("database", "datashare", "default privileges", "external schema", "external table"),
            *("external view", "function", "identity provider", "masking policy", "procedure", "rls policy"),
            *("system", "template"),
        ),
        "attach": ("masking policy", "rls policy"),
        "call": ("",),
        "create": (
            *("database", "datashare", "external function", "external model", "external schema"),
            *("external table", "external view", "external protected view", "identity provider"),
            *("library", "masking policy", "model", "or replace library"),
            *("or replace procedure", "or replace external function", "or replace template", "procedure"),
            *("rls policy", "template"),
        ),
        "desc": ("datashare", "identity provider"),
        "detach": ("masking policy", "rls policy"),
        "drop": (
            *("database", "datashare", "external schema", "external view", "identity provider"),
            *("library", "masking policy", "model", "procedure", "rls policy", "template"),
        ),
        "explain": ("model",),
        "release": ("",),
        "savepoint": ("",),
        "use": ("",),
    }
)
"""By their first word, the words that follow it; SAVEPOINT is not in Redshift either."""
