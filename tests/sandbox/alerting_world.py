"""A cloud with policies, measurements written by hand, a clock moved by hand, and a receiver on loopback."""

import base64
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from sandbox.alerting import Alerting, Posted
from sandbox.clock import ManualClock
from sandbox.cloud import Cloud, Point

CPU = "compute.googleapis.com/instance/cpu/utilization"
CHANNEL = "projects/acme/notificationChannels/1"
START = 1_770_000_000.0
TICK_S = 10


class Receiver:
    """Answers each POST with the next of `statuses`, 200 where there are none left, and keeps the bodies."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []  # path, Authorization
        self.bodies: list[dict[str, Any]] = []  # those that were accepted
        self._heard = threading.Event()
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ops/webhook"

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(one["incident"]["incident_id"], one["incident"]["state"]) for one in self.bodies]

    def wait(self, seconds: float = 10) -> list[tuple[str, str]]:
        """Return what was told, as soon as there is something."""
        self._heard.wait(seconds)
        return self.told

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(receiver) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.asked.append((self.path, self.headers.get("Authorization", "")))
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                if status == 200:
                    receiver.bodies.append(json.loads(body))
                    receiver._heard.set()
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                return

        return Handler


class AlertWorld:
    """Everything a test of alerting needs."""

    def __init__(self, folder: Path) -> None:
        self.cloud = Cloud(folder / "cloud.db")
        self.clock = ManualClock(START)
        self.receiver = Receiver()
        self.alerting = self.another()
        self.channel()

    def another(self) -> Alerting:
        return Alerting(self.cloud, lambda: None, self.clock.seconds)

    def close(self) -> None:
        self.receiver.close()
        self.cloud.close()

    def channel(self, name: str = CHANNEL, kind: str = "webhook_tokenauth", **more: Any) -> str:
        values = {
            "name": name,
            "project": "acme",
            "type": kind,
            "enabled": True,
            "labels": {"url": f"{self.receiver.url}?token=s3cret"},
            **more,
        }
        self.cloud.put("google_monitoring_notification_channel", name, values, "create")
        return name

    def policy(self, *conditions: dict[str, Any], number: int = 1, **more: Any) -> str:
        name = f"projects/acme/alertPolicies/{number}"
        values = {
            "name": name,
            "project": "acme",
            "display_name": "vm: cpu_high",
            "combiner": "OR",
            "enabled": True,
            "severity": "CRITICAL",
            "notification_channels": [CHANNEL],
            "user_labels": {"infraai_deployment": "d1"},
            "alert_strategy": [{"auto_close": "1800s"}],
            "documentation": [{"content": "Look.", "mime_type": "text/markdown"}],
            "conditions": [
                {"name": f"{name}/conditions/{position}", **one} for position, one in enumerate(conditions)
            ],
            **more,
        }
        self.cloud.put("google_monitoring_alert_policy", name, values, "create")
        return name

    def machine(self, number: str, name: str) -> None:
        key = f"projects/acme/zones/us-central1-a/instances/{name}"
        values = {"name": name, "project": "acme", "zone": "us-central1-a", "instance_id": number}
        self.cloud.put("google_compute_instance", key, {**values, "labels": {"app": "shop"}}, "create")

    def measure(self, seconds: float, metric: str = CPU, /, **values: float | None) -> None:
        """Let time pass; each machine (`vm_1` is number "1") has this value at each tick, None is no data."""
        self._record(seconds, metric, values)
        self.clock.advance(seconds)

    def together(self, *measured: tuple[str, dict[str, float]]) -> tuple[Posted, ...]:
        """Let a minute pass in which several metrics were measured, and step once."""
        for metric, values in measured:
            self._record(60, metric, values)
        self.clock.advance(60)
        return self.alerting.step()

    def _record(self, seconds: float, metric: str, values: Mapping[str, float | None]) -> None:
        ticks = int(seconds // TICK_S)
        start = self.clock.seconds()
        self.cloud.record(
            Point(metric, "gce_instance", self.labels(name), start + TICK_S * (tick + 1), value)
            for name, value in values.items()
            if value is not None
            for tick in range(ticks)
        )

    @staticmethod
    def labels(name: str) -> dict[str, str]:
        return {
            "resource.project_id": "acme",
            "resource.zone": "us-central1-a",
            "resource.instance_id": name.rpartition("_")[2],
            "metric.instance_name": name.replace("_", "-"),
        }

    def after(self, seconds: float, **values: float | None) -> tuple[Posted, ...]:
        """Let time pass, and step once."""
        self.measure(seconds, **values)
        return self.alerting.step()

    @property
    def states(self) -> list[str]:
        return [state for _, state in self.receiver.told]


def threshold(
    above: float = 0.8, *, duration: str = "0s", metric: str = CPU, more_filter: str = "", **more: Any
) -> dict[str, Any]:
    """Return a threshold condition as Terraform stores it."""
    aligned = {"alignment_period": "60s", "per_series_aligner": "ALIGN_MEAN"}
    block = {
        "filter": f'resource.type = "gce_instance" AND metric.type = "{metric}"{more_filter}',
        "comparison": "COMPARISON_GT",
        "threshold_value": above,
        "duration": duration,
        "aggregations": [{**aligned, "cross_series_reducer": "", "group_by_fields": []}],
        "trigger": [{"count": 1, "percent": 0}],
        **more,
    }
    return {"display_name": "cpu_high", "condition_threshold": [block], "condition_absent": []}


def reduced(reducer: str, *group_by: str, aligner: str = "ALIGN_MEAN") -> list[dict[str, Any]]:
    """Return one aggregation that reduces."""
    return [
        {
            "alignment_period": "60s",
            "per_series_aligner": aligner,
            "cross_series_reducer": reducer,
            "group_by_fields": list(group_by),
        }
    ]


def absent(duration: str = "300s", **more: Any) -> dict[str, Any]:
    """Return an absence condition as Terraform stores it."""
    wanted = f'resource.type = "gce_instance" AND metric.type = "{CPU}"'
    block = {"filter": wanted, "duration": duration, "aggregations": [], "trigger": [], **more}
    return {"display_name": "silent", "condition_threshold": [], "condition_absent": [block]}


def basic(username: str, password: str) -> str:
    """Return the header that says who one is."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
