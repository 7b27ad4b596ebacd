"""The application's settings: what faces AWS does so because someone said so."""

import pytest

from runtime.settings import EndpointRefusedError, Settings


@pytest.mark.parametrize(
    "endpoint",
    ["http://127.0.0.1:4566", "http://localhost:4566", "http://[::1]:4566", "http://127.8.8.8"],
)
def test_a_loopback_endpoint_is_taken(endpoint: str) -> None:
    """With whatever port."""
    assert Settings.from_env({"AWS_ENDPOINT_URL": endpoint}).is_local


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="none, which means AWS"),
        pytest.param({"AWS_ENDPOINT_URL": "https://s3.amazonaws.com"}, id="AWS"),
        pytest.param({"AWS_ENDPOINT_URL": "http://10.0.0.7:4566"}, id="the network"),
        pytest.param({"AWS_ENDPOINT_URL": "http://localhost.example.com"}, id="a name that only looks local"),
        pytest.param({"AWS_ENDPOINT_URL": "http://127.0.0.1@example.com"}, id="a user that only looks local"),
        pytest.param({"AWS_ENDPOINT_URL": "127.0.0.1:4566"}, id="no URL"),
        pytest.param({"AWS_ENDPOINT_URL": "http://[::1"}, id="a broken URL"),
    ],
)
def test_any_other_endpoint_is_refused(environment: dict[str, str]) -> None:
    """Unless MILLRACE_ALLOW_AWS=1 says that it is meant."""
    with pytest.raises(EndpointRefusedError, match="must be a loopback address"):
        Settings.from_env(environment)
    assert not Settings.from_env(environment | {"MILLRACE_ALLOW_AWS": "1"}).is_local


def test_names_come_from_the_environment() -> None:
    """Bucket names are global on AWS, so they cannot be ours."""
    environment = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "MILLRACE_LAKE": "mine",
        "AWS_REGION": "eu-west-1",
    }
    settings = Settings.from_env(environment)
    assert (settings.lake, settings.region, settings.database) == ("mine", "eu-west-1", "dev")
