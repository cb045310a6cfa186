"""Serving the simulated providers to one Terraform command."""

import json
import os
from collections.abc import Generator, Iterable
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path

import grpc

from sandbox.cloud import Cloud
from sandbox.provider.demand import named_in, to_serve
from sandbox.provider.google import GoogleProvider, Latency
from sandbox.provider.identity import Places
from sandbox.provider.local import LocalProvider
from sandbox.provider.null_types import NULL_DATA, NULL_TYPES
from sandbox.provider.provider import Provider
from sandbox.provider.random_types import RANDOM_TYPES
from sandbox.provider.time_types import TIME_TYPES
from sandbox.provider.wire import ProviderWire
from sandbox.schema.archive import shipped

_REGISTRIES = ("registry.terraform.io", "registry.opentofu.org")
_MESSAGE_LIMIT = 256 << 20
_THREADS = 16


class ProviderServer:
    """One provider on a loopback port, for one Terraform command.

    It is TCP and not a unix socket because only there do Terraform's connections differ by their peer, and
    each provider block or alias is its own connection with its own configuration.
    """

    def __init__(self, provider: Provider, types: Iterable[str]) -> None:
        self._wire = ProviderWire(provider, types)
        self._pool = futures.ThreadPoolExecutor(_THREADS)
        self._server = grpc.server(
            self._pool,
            handlers=self._wire.handlers(),
            options=[
                ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
                ("grpc.max_send_message_length", _MESSAGE_LIMIT),
                ("grpc.so_reuseport", 0),
            ],
        )
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def reattach(self) -> dict[str, object]:
        """Return the entry for TF_REATTACH_PROVIDERS; `Test` keeps Terraform from killing our process."""
        return {
            "Protocol": "grpc",
            "ProtocolVersion": 5,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "tcp", "String": f"127.0.0.1:{self.port}"},
        }

    def stop(self) -> None:
        """Cancel what is under way and close the port."""
        self._wire.stop()
        self._server.stop(0).wait()
        self._pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def serve(
    cloud: Cloud,
    *,
    project: str,
    types: Iterable[str] | None = None,
    folder: Path | None = None,
    region: str = "us-central1",
    zone: str = "us-central1-a",
    latency_s: Latency = 0.0,
    sleep_factor: float = 0.0,
) -> Generator[dict[str, str]]:
    """Serve google, google-beta, random, null and time for one command; the value is environment to add.

    `types` and the words in `folder` (configuration, local modules, local state) say which types are served;
    every type where neither is given. `project`, `region` and `zone` stand for the environment's
    GOOGLE_PROJECT, GOOGLE_REGION and GOOGLE_ZONE. `latency_s` is how long the API takes for a change, for all
    or by type; `sleep_factor` how long `time_sleep` sleeps for each second asked for.
    """
    names = (
        None if types is None and folder is None else {*(types or ()), *(named_in(folder) if folder else ())}
    )
    places = Places(project=project, region=region, zone=zone)
    providers: dict[str, Provider] = {
        "google": GoogleProvider(cloud=cloud, places=places, latency_s=latency_s),
        "google-beta": GoogleProvider(
            cloud=cloud, places=places, latency_s=latency_s, archive=shipped(beta=True)
        ),
        "random": LocalProvider(name="random", types=RANDOM_TYPES),
        "null": LocalProvider(name="null", types=NULL_TYPES, data=NULL_DATA),
        "time": LocalProvider(name="time", types=TIME_TYPES, speed=sleep_factor),
    }
    servers: dict[str, ProviderServer] = {}
    try:
        for name, provider in providers.items():
            known = provider.type_names()
            wanted = (
                known
                if names is None
                else to_serve(
                    (one for one in names if one.startswith(name.removesuffix("-beta") + "_")), known
                )
            )
            servers[name] = ProviderServer(provider, wanted)
        entries = {name: server.reattach() for name, server in servers.items()}
        reattach = {f"{host}/hashicorp/{name}": one for host in _REGISTRIES for name, one in entries.items()}
        yield {"TF_REATTACH_PROVIDERS": json.dumps(reattach)}
    finally:
        for server in servers.values():
            server.stop()
