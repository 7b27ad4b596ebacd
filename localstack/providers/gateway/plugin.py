"""A gateway that binds the host it is told to.

LocalStack's own server ignores the host of GATEWAY_LISTEN for IPv4 and binds every interface; ours is chosen
by GATEWAY_SERVER=loopback. It serves plain HTTP only, and hands Kinesis's JSON requests straight to its
engine, and the Redshift Data API's to the warehouse.
"""

import gc
from typing import Any

from localstack.runtime.server.core import RuntimeServerPlugin

from localstack.providers.settings import CloudSettings

_YOUNG_OBJECTS = 50_000
"""Python looks for garbage each 2,000 new objects; a thousand records read are more, and none is garbage."""


class LoopbackServerPlugin(RuntimeServerPlugin):
    """LocalStack's twisted server, bound to the hosts of GATEWAY_LISTEN and no others."""

    name = "loopback"

    def load(self, *_args: Any, **_kwargs: Any) -> Any:
        """Return the server; twisted installs its reactor at import, hence the late imports."""
        from localstack.runtime.server.twisted import TwistedRuntimeServer  # noqa: PLC0415
        from rolo.serving.twisted import TwistedGateway  # noqa: PLC0415
        from twisted.internet import endpoints, reactor  # noqa: PLC0415

        from localstack import config  # noqa: PLC0415
        from localstack.providers.kinesis.fast_path import FastPath  # noqa: PLC0415
        from localstack.providers.kinesis.plugin import engine  # noqa: PLC0415
        from localstack.providers.redshift_data.fast_path import FastPath as DataApiPath  # noqa: PLC0415

        gc.set_threshold(_YOUNG_OBJECTS)

        class LoopbackServer(TwistedRuntimeServer):
            def register(self, gateway: Any, listen: Any, ssl_creds: Any = None) -> None:  # noqa: ARG002
                site = TwistedGateway(gateway)
                settings = CloudSettings.from_env()
                if settings.is_kinesis_ours:
                    site.resource = FastPath(site.resource, engine())
                if settings.redshift_data_url:
                    site.resource = DataApiPath(site.resource, settings.redshift_data_url)
                for address in listen:
                    is_ipv6 = config.is_ipv6_address(address.host)
                    endpoint = endpoints.TCP6ServerEndpoint if is_ipv6 else endpoints.TCP4ServerEndpoint
                    endpoint(reactor, address.port, interface=address.host).listen(site)

        return LoopbackServer()
