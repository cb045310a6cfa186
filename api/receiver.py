"""The webhook on loopback: bodies in, an acknowledgement at once; what follows from them is done elsewhere."""

import asyncio
import base64
import binascii
import errno
import hmac
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infraai.blocks.monitoring import WEBHOOK_PATH
from infraai.errors import InfraError, InputError

HOST = "127.0.0.1"
MOST_BYTES = 1_000_000
MOST_AT_ONCE = 64  # bodies
SLOWEST_S = 10.0  # for a body to arrive
MOST_DRAINED = 16_000_000  # of what is too long: a sender that is cut off never reads why


class Acknowledged(Protocol):
    """What was kept of one alert."""

    @property
    def alert_id(self) -> str:
        """Return its id in the registry."""
        ...


Receive = Callable[[bytes], Awaitable[Sequence[Acknowledged]]]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Checks who posts and how much, and hands the body on."""

    receive: Receive
    token: str = ""
    slowest_s: float = SLOWEST_S
    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_AT_ONCE))

    async def post(self, request: Request) -> Response:
        """Return 200 with the alert's id, or why the body was not taken: 400, 401, 403, 408, 413, 503."""
        if "origin" in request.headers:  # only a page in a browser says so, and none has business here
            return _refused(403, "A page in a browser may not post alerts.")
        if self.token and not _knows(request, self.token):
            return _refused(401, "The token is missing or wrong.", "Send it as ?token=… (OPS_WEBHOOK_TOKEN).")
        if self.free.locked():
            return _refused(503, f"{MOST_AT_ONCE} bodies arrive already.", "Send it again.", close=True)
        async with self.free:
            return await self._heard(request)

    async def _heard(self, request: Request) -> Response:
        try:
            body = await asyncio.wait_for(_body(request), self.slowest_s)
        except TimeoutError:
            late = f"The body did not arrive within {self.slowest_s:g} s."
            return _refused(408, late, "Send it again.", close=True)
        except ClientDisconnect:  # nobody reads the answer
            return _refused(400, "The body broke off.", close=True)
        if body is None:
            return _refused(413, f"The body is longer than {MOST_BYTES:,} bytes.")
        return await self._taken(body)

    async def _taken(self, body: bytes) -> Response:
        try:
            received = await self.receive(body)
        except InputError as error:
            return _refused(400, error.message, error.next_step)
        except InfraError as error:
            return _refused(503, error.message, error.next_step)
        except SQLAlchemyError:  # the sender tries again later, so nothing is lost
            return _refused(503, "It cannot be written down now.", "Send it again.")
        ids = [one.alert_id for one in received]
        return JSONResponse({"received": True, "alert_id": ids[0] if ids else None, "alert_ids": ids})


def application(receive: Receive, token: str = "", slowest_s: float = SLOWEST_S) -> Starlette:
    """Return the ASGI application: POST /ops/webhook, GET /health."""

    async def health(_: Request) -> Response:
        return JSONResponse({"ok": True})

    webhook = Webhook(receive, token, slowest_s)
    return Starlette(routes=[Route(WEBHOOK_PATH, webhook.post, methods=["POST"]), Route("/health", health)])


@asynccontextmanager
async def receiving(
    receive: Receive, *, port: int, token: str = "", slowest_s: float = SLOWEST_S
) -> AsyncGenerator[str]:
    """Yield the webhook's URL while it listens on loopback; port 0 takes a free one.

    Raises `InputError` where the port is taken or may not be used.
    """
    listener = _listen(port)
    config = uvicorn.Config(
        application(receive, token, slowest_s),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://{HOST}:{listener.getsockname()[1]}{WEBHOOK_PATH}"
    finally:
        server.should_exit = True
        await serving
        listener.close()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals to the command that runs it."""
        yield


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "something listens there already" if taken else str(error)
        raise InputError(
            f"Port {port} of {HOST} cannot be used: {why}.",
            next_step="End what listens there, or take another one: infraai watch --port 8081.",
        ) from error
    return listener


async def _body(request: Request) -> bytes | None:
    """Return the body, or None where it is too long."""
    parts: list[bytes] = []
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > MOST_DRAINED:
            break
        if length <= MOST_BYTES:
            parts.append(part)
    return b"".join(parts) if length <= MOST_BYTES else None


def _knows(request: Request, token: str) -> bool:
    """Return whether the token came along: in the query, as a bearer, or as the password of basic auth."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    given = [request.query_params.get("token", ""), request.query_params.get("auth_token", "")]
    if scheme.lower() == "bearer":
        given.append(rest.strip())
    if scheme.lower() == "basic":
        given.append(_password(rest.strip()))
    return any([hmac.compare_digest(one.encode(), token.encode()) for one in given])  # noqa: C419 — all are compared


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _refused(code: int, message: str, next_step: str = "", *, close: bool = False) -> Response:
    body: dict[str, Any] = {"received": False, "error": message}
    body |= {"next_step": next_step} if next_step else {}
    return JSONResponse(body, status_code=code, headers={"connection": "close"} if close else None)
