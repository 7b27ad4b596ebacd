"""The warehouse's process: `python -m warehouse.redshift --home DIR --port PORT --wire-port PORT`."""

import argparse
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import duckdb

from warehouse.redshift.data_api.events import to_event_bridge
from warehouse.redshift.data_api.operations import DataApi
from warehouse.redshift.data_api.requests import Cluster
from warehouse.redshift.data_api.server import DataApiServer
from warehouse.redshift.engine import Engine
from warehouse.redshift.settings import Settings, SettingsError
from warehouse.redshift.snapshots.api import ClusterApi
from warehouse.redshift.snapshots.cluster import Address
from warehouse.redshift.wire.certificates import server_context
from warehouse.redshift.wire.connections import Connections
from warehouse.redshift.wire.server import WireServer
from warehouse.redshift.wire.startup import Doors


def main() -> int:
    """Serve until SIGTERM or SIGINT; running statements end first, and what waits is dropped."""
    parser = argparse.ArgumentParser(prog="warehouse.redshift", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder of the warehouse's file")
    parser.add_argument("--port", type=int, required=True, help="port of the Data API on 127.0.0.1")
    parser.add_argument(
        "--wire-port", type=int, required=True, help="port of Redshift's clients on 127.0.0.1"
    )
    parser.add_argument("--cluster", default="millrace", help="cluster identifier to answer to")
    parser.add_argument("--database", default="dev", help="database to answer to")
    options = parser.parse_args()
    file = options.home / f"{options.database}.duckdb"
    with ExitStack() as stack:
        try:
            settings = Settings.from_env()
            s3 = settings.s3()
            options.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            engine = Engine(file, s3, slices=settings.slices)
            stack.callback(engine.close)
            on_event = to_event_bridge(settings.events(), options.cluster, settings.region)
            api = DataApi(engine, Cluster(options.cluster, options.database), on_event)
            stack.callback(api.close)
            address = Address(options.cluster, options.database, options.wire_port)
            clusters = ClusterApi(engine, s3, settings.snapshots, options.home / "snapshots", address)
            stack.callback(clusters.close)
            server = DataApiServer(options.port, api, clusters)
            stack.callback(server.server_close)
            connections = Connections(settings.most_connections)
            tls = server_context(options.home / "tls")
            doors = Doors(options.database, settings.user, settings.password, tls, connections)
            wire = WireServer(options.wire_port, engine, doors)
            stack.callback(wire.close)
        except SettingsError as error:
            return _fail(str(error))
        except duckdb.Error as error:
            reason = str(error).partition(". See also")[0].replace("\n", " ")
            return _fail(f"cannot open {file}; another warehouse may run, stop it first: {reason}")
        except OSError as error:
            ports = f"ports {options.port} and {options.wire_port} of 127.0.0.1"
            return _fail(f"{ports} or folder {options.home} cannot be used: {error}")
        wire.start()
        clusters.start()
        _serve(server)
    return 0


def _serve(server: DataApiServer) -> None:
    def stop(*_signal: object) -> None:
        Thread(target=server.shutdown).start()  # from the serving thread itself it would wait for ever

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever(poll_interval=0.1)


def _fail(message: str) -> int:
    sys.stderr.write(f"warehouse: {message}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
