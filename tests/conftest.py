"""Fixtures and settings for all tests."""

from hypothesis import settings

pytest_plugins = [
    "tests.support.functions",
    "tests.support.dynamodb",
    "tests.support.mapping",
    "tests.support.stack",
]

settings.register_profile("millrace", deadline=None)  # an example's time says something of the machine only
settings.load_profile("millrace")
