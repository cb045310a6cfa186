"""The simulated Google Cloud of one home directory: its memory, and the servers that speak for it."""

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.cloud import Cloud

if TYPE_CHECKING:
    from ssl import SSLContext

Stop = Callable[[], None]


@dataclass(slots=True)
class _Servers:
    """Servers by name, each started once and when it is first asked for."""

    started: dict[str, tuple[str, Stop]] = field(default_factory=dict[str, tuple[str, Stop]])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def address(self, name: str, start: Callable[[], tuple[str, Stop]]) -> str:
        with self.lock:
            if name not in self.started:
                self.started[name] = start()
            return self.started[name][0]

    def stop(self) -> None:
        with self.lock:
            running, self.started = self.started, {}
        for _, stop in running.values():
            stop()


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the sandbox's servers are, all on 127.0.0.1; reading an address starts its server."""

    _sandbox: "Sandbox"

    @property
    def proxy_url(self) -> str:
        """Return the forward proxy that answers probes for the simulated machines."""
        return self._sandbox.servers.address("proxy", self._sandbox.start_proxy)

    @property
    def proxy_ca(self) -> Path:
        """Return the certificate authority file that the proxy's https answers are signed by."""
        file = self._sandbox.folder / "ca.pem"
        return file if file.exists() else Path(self._sandbox.authority.certificate_file)

    @property
    def compute_url(self) -> str:
        """Return the Compute REST API's endpoint."""
        return self._sandbox.servers.address("compute", self._sandbox.start_compute)

    @property
    def monitoring_target(self) -> str:
        """Return the Monitoring gRPC API's target, such as 127.0.0.1:40123."""
        return self._sandbox.servers.address("monitoring", self._sandbox.start_monitoring)

    @property
    def gemini_url(self) -> str:
        """Return the Gemini API's endpoint."""
        return self._sandbox.servers.address("gemini", self._sandbox.start_gemini)


class Sandbox:
    """A simulated Google Cloud under `home`/sandbox; nothing is opened or started before it is used."""

    def __init__(self, home: Path, *, project: str, boot_s: float = 0) -> None:
        self.folder = home / "sandbox"
        self.project = project
        self.boot_s = boot_s  # how long a machine's start-up script takes before its ports open
        self.servers = _Servers()

    @cached_property
    def cloud(self) -> Cloud:
        """Return the cloud's memory, opened at first use."""
        return Cloud(self.folder / "cloud.db")

    @cached_property
    def authority(self) -> Any:
        """Return the certificate authority of this home (`sandbox.network.certificates.Authority`)."""
        from sandbox.network.certificates import Authority

        return Authority(self.folder)

    def provider(
        self, folder: Path, state_types: Iterable[str] = ()
    ) -> AbstractContextManager[dict[str, str]]:
        """Return a context whose value is the environment in which Terraform finds its providers in `folder`.

        `state_types` are the resource types in the state, which the configuration may no longer name.
        """
        from sandbox.provider.server import serve

        return serve(self.cloud, project=self.project, types=state_types, folder=folder)

    def endpoints(self) -> Endpoints:
        """Return where the servers are."""
        return Endpoints(self)

    def status(self) -> dict[str, Any]:
        """Return the project, what is in the cloud, what listens on its machines, and the running servers."""
        from sandbox.network.machines import machines, summary
        from sandbox.network.view import View

        return {
            "project": self.project,
            "folder": str(self.folder),
            "resources": self.cloud.status(),
            "machines": [summary(one) for one in machines(View(self.cloud))],
            "servers": {name: address for name, (address, _) in self.servers.started.items()},
        }

    def reset(self) -> None:
        """Empty the cloud; the servers go on."""
        self.cloud.reset()

    def close(self) -> None:
        """Stop the servers and close the cloud's file."""
        self.servers.stop()
        if "cloud" in self.__dict__:
            self.cloud.close()

    def start_proxy(self) -> tuple[str, Stop]:
        """Start the forward proxy; return its URL and how to stop it."""
        from sandbox.network.internet import Internet
        from sandbox.network.proxy import Proxy

        def certify(host: str) -> "SSLContext":
            context: SSLContext = self.authority.context(host)
            return context

        proxy = Proxy(Internet(self.cloud, boot_s=self.boot_s), certify)
        return proxy.start(), proxy.stop

    def start_compute(self) -> tuple[str, Stop]:
        """Start the Compute REST API; return its URL and how to stop it."""
        from sandbox.compute_api.server import ComputeServer

        server = ComputeServer(self.cloud)
        return server.start(), server.stop

    def start_monitoring(self) -> tuple[str, Stop]:
        """Start the Monitoring gRPC API; return its target and how to stop it."""
        from sandbox.monitoring_api.server import MonitoringServer

        server = MonitoringServer(self.cloud)
        return server.start(), server.stop

    def start_gemini(self) -> tuple[str, Stop]:
        """Start the rule-based Gemini; return its URL and how to stop it."""
        from sandbox.gemini.server import GeminiServer

        server = GeminiServer()
        return server.start(), server.stop
