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

    from sandbox.alerting import Alerting
    from sandbox.clock import CloudClock
    from sandbox.faults.inject import Faults, Injected
    from sandbox.physics.physics import Physics

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

    def stop_one(self, name: str) -> None:
        with self.lock:
            _, stop = self.started.pop(name, ("", None))
        if stop is not None:
            stop()

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

    def __init__(
        self, home: Path, *, project: str, boot_s: float = 0, clock: "CloudClock | None" = None
    ) -> None:
        self.folder = home / "sandbox"
        self.project = project
        self.boot_s = boot_s  # how long a machine's start-up script takes before its ports open
        self.servers = _Servers()
        self._clock = clock

    @cached_property
    def cloud(self) -> Cloud:
        """Return the cloud's memory, opened at first use."""
        return Cloud(self.folder / "cloud.db")

    @cached_property
    def clock(self) -> "CloudClock":
        """Return the simulated time: the clock that was given, else the one that the cloud's file keeps."""
        from sandbox.clock import SandboxClock

        return self._clock or SandboxClock(self.cloud)

    @cached_property
    def physics(self) -> "Physics":
        """Return what makes the resources work and be measured."""
        from sandbox.physics.physics import Physics

        return Physics(self.cloud, self.clock)

    @cached_property
    def _faults(self) -> "Faults":
        from sandbox.faults.inject import Faults

        return Faults(self.cloud, self.clock, self.physics)

    def inject(self, kind: str, resource: str, for_s: float | None = None) -> "Injected":
        """Let something go wrong with the resource of this name or id, for simulated seconds.

        Without `for_s` it lasts until something ends it. Raises `sandbox.faults.inject.InjectError`.
        """
        return self._faults.inject(kind, resource, for_s)

    def faults(self) -> "list[Injected]":
        """Return every fault there ever was, oldest first."""
        return self._faults.list()

    def clear(self, fault_id: str) -> "Injected":
        """End a fault; raise `sandbox.faults.inject.InjectError` for one that is unknown."""
        return self._faults.clear(fault_id)

    @cached_property
    def alerting(self) -> "Alerting":
        """Return what evaluates the alert policies and posts their notifications, a step at a time."""
        from sandbox.alerting import Alerting

        return Alerting(self.cloud, self.physics.advance, self.clock.seconds)

    def start_alerting(self) -> None:
        """Let the alerting step by itself, each 10 simulated seconds, until `stop_alerting` or `close`."""
        self.servers.address("alerting", self._start_ticker)

    def stop_alerting(self) -> None:
        """Let the alerting rest, after the step that is under way."""
        self.servers.stop_one("alerting")

    def _start_ticker(self) -> tuple[str, Stop]:
        from sandbox.alerting.ticker import Ticker

        ticker = Ticker(self.alerting, lambda: self.clock.factor)
        ticker.start()
        return "each 10 simulated seconds", ticker.stop

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

        self.physics.advance()  # until now the cloud was as it is
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
        self.alerting.reset()

    def close(self) -> None:
        """Stop the servers and close the cloud's file."""
        self.servers.stop()
        if "cloud" in self.__dict__:
            self.cloud.close()

    def start_proxy(self) -> tuple[str, Stop]:
        """Start the forward proxy; return its URL and how to stop it."""
        from sandbox.network.internet import Internet
        from sandbox.network.proxy import Answer, Proxy, Visit

        def certify(host: str) -> "SSLContext":
            context: SSLContext = self.authority.context(host)
            return context

        internet = Internet(self.cloud, boot_s=self.boot_s, now=self.clock.now)

        def answer(visit: Visit) -> Answer | None:
            self.physics.advance()
            return internet(visit)

        proxy = Proxy(answer, certify)
        return proxy.start(), proxy.stop

    def start_compute(self) -> tuple[str, Stop]:
        """Start the Compute REST API; return its URL and how to stop it."""
        from sandbox.compute_api.server import ComputeServer

        server = ComputeServer(self.cloud, advance=self.physics.advance, now=self.clock.seconds)
        return server.start(), server.stop

    def start_monitoring(self) -> tuple[str, Stop]:
        """Start the Monitoring gRPC API; return its target and how to stop it."""
        from sandbox.monitoring_api.server import MonitoringServer

        server = MonitoringServer(self.cloud, advance=self.physics.advance)
        return server.start(), server.stop

    def start_gemini(self) -> tuple[str, Stop]:
        """Start the rule-based Gemini; return its URL and how to stop it."""
        from sandbox.gemini.server import GeminiServer

        server = GeminiServer()
        return server.start(), server.stop
