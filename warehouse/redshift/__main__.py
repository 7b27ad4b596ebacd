"""The warehouse's process: `python -m warehouse.redshift --home DIR --port PORT`."""

import argparse
import os
import signal
import sys
from pathlib import Path
from threading import Thread

import boto3
import duckdb
from botocore.config import Config

from warehouse.redshift.data_api.operations import Cluster, DataApi
from warehouse.redshift.data_api.server import DataApiServer
from warehouse.redshift.engine import Engine


def main() -> int:
    """Serve until SIGTERM or SIGINT; running statements end first.

    S3 is where AWS_ENDPOINT_URL says, with LocalStack's dummy credentials.
    """
    parser = argparse.ArgumentParser(prog="warehouse.redshift", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder of the warehouse's file")
    parser.add_argument("--port", type=int, required=True, help="port of the Data API on 127.0.0.1")
    parser.add_argument("--cluster", default="millrace", help="cluster identifier to answer to")
    parser.add_argument("--database", default="dev", help="database to answer to")
    options = parser.parse_args()
    options.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    s3 = boto3.client(
        "s3",
        endpoint_url=os.environ.get("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # what LocalStack expects
        config=Config(s3={"addressing_style": "path"}, connect_timeout=5, retries={"mode": "standard"}),
    )
    try:
        engine = Engine(options.home / "warehouse.duckdb", s3)
    except duckdb.IOException as error:
        sys.stderr.write(f"warehouse: cannot open its file; does another warehouse run? {error}\n")
        return 1
    api = DataApi(engine, Cluster(options.cluster, options.database))
    try:
        server = DataApiServer(options.port, api)
    except OSError as error:
        sys.stderr.write(f"warehouse: port {options.port} of 127.0.0.1 is taken: {error}\n")
        return 1

    def stop(*_signal: object) -> None:
        Thread(target=server.shutdown).start()  # from the serving thread itself it would wait for ever

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    api.close()
    engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
