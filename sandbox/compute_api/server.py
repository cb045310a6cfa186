"""The Compute REST server: requests to routes, results and errors to Google's JSON."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from sandbox.compute_api.routes import find_route
from sandbox.network.loopback import LoopbackServer, QuietHandler
from sandbox.services.service import ApiError

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

Json = dict[str, Any]
_ROOT = "/compute/v1/"
_REASONS = {400: "invalid", 403: "forbidden", 404: "notFound", 409: "alreadyExists", 412: "conditionNotMet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the API stands on: the cloud, its time (epoch seconds), and what measures it up to that time."""

    cloud: "Cloud"
    advance: Callable[[], object] = int
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: the cloud it is for, the path's parts by name, the query and the body."""

    service: "Service"
    parts: dict[str, str]
    query: dict[str, str]
    body: Json = field(default_factory=dict[str, Any])

    @property
    def cloud(self) -> "Cloud":
        """Return the cloud."""
        return self.service.cloud

    def now(self) -> str:
        """Return the cloud's time as the API prints it."""
        return datetime.fromtimestamp(self.service.now(), UTC).isoformat(timespec="milliseconds")

    def __getitem__(self, name: str) -> str:
        """Return a part of the path, such as `project`, or "" where the path has none."""
        return self.parts.get(name, "")


class ComputeServer:
    """Serves the API on a free loopback port between `start` and `stop`.

    `advance` measures the cloud up to `now` (epoch seconds): it is called before each change.
    """

    def __init__(
        self,
        cloud: "Cloud",
        *,
        advance: Callable[[], object] = int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._server = LoopbackServer(_handler(Service(cloud=cloud, advance=advance, now=now)))

    def start(self) -> str:
        """Begin to serve; return the endpoint for a client's `api_endpoint`."""
        return self._server.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.stop()


def respond(service: Service, method: str, target: str, content: bytes) -> tuple[int, Json]:
    """Return the status and the JSON for one request."""
    url = urlsplit(target)
    path = unquote(url.path)
    found = find_route(method, path.removeprefix(_ROOT)) if path.startswith(_ROOT) else None
    if found is None:
        return HTTPStatus.NOT_FOUND, error_body(
            ApiError(404, f"The requested URL {path} was not found", "notFound")
        )
    handle, parts = found
    query = {name: values[-1] for name, values in parse_qs(url.query).items()}
    try:
        call = Call(service=service, parts=parts, query=query, body=_parsed(content))
        return HTTPStatus.OK, handle(call)
    except ApiError as fault:
        return fault.code, error_body(fault)


def error_body(fault: ApiError) -> Json:
    """Return an error as Google's APIs word it."""
    reason = fault.reason or _REASONS.get(fault.code, "backendError")
    detail = {"message": fault.message, "domain": "global", "reason": reason}
    return {"error": {"code": fault.code, "message": fault.message, "errors": [detail]}}


def _parsed(content: bytes) -> Json:
    if not content:
        return {}
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiError(400, "Parse Error", "parseError")
    return body


def _handler(service: Service) -> type[QuietHandler]:
    class ComputeHandler(QuietHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status, body = respond(
                service, self.command, self.path, self.rfile.read(length) if length else b""
            )
            self.reply(status, json.dumps(body).encode(), {"Content-Type": "application/json; charset=UTF-8"})

        do_GET = _serve  # noqa: N815
        do_POST = do_DELETE = do_PATCH = do_PUT = do_GET  # noqa: N815

    return ComputeHandler
