"""Where the warehouse finds the local cloud."""

import pytest

from warehouse.redshift.settings import Settings, SettingsError


def test_settings_come_from_the_environment_and_stay_on_this_machine() -> None:
    """An endpoint elsewhere would be asked for files with credentials that are none."""
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_DEFAULT_REGION": "eu-west-1"}
    assert Settings.from_env(environment) == Settings("http://127.0.0.1:1", "eu-west-1")
    assert Settings.from_env({}) == Settings("http://127.0.0.1:4566", "us-east-1")
    with pytest.raises(SettingsError, match="`AWS_ENDPOINT_URL` must be a loopback address; got `https://s3"):
        Settings.from_env({"AWS_ENDPOINT_URL": "https://s3.amazonaws.com"})
