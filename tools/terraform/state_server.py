"""Terraform's `http` backend on loopback, over a `StateStore`: one server a tool, one token a run.

https://developer.hashicorp.com/terraform/language/backend/http
"""

import asyncio
import base64
import hmac
import json
import logging
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, quote, unquote, urlsplit

from infraai.errors import InfraError, TerraformError
from infraai.ports import Job, StateStore

LOG = logging.getLogger(__name__)
MAX_STATE_BYTES = 256 * 1024 * 1024
MAX_HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Asked:
    method: str
    deployment_id: str
    run_id: str
    lock_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Reply:
    status: HTTPStatus
    body: bytes = b""


@dataclass(slots=True)
class StateServer:
    """Serves the states of the deployments that were opened to a run; starts with the first of them."""

    states: StateStore
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str], repr=False)
    _held: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])  # run, lock id
    _holders: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _server: asyncio.Server | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _serving: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def open(self, job: Job) -> dict[str, str]:
        """Return the environment that lets this run's commands at its deployment's state, and no other."""
        port = await self._port()
        token = self._tokens.setdefault((job.deployment_id, job.run_id), secrets.token_urlsafe(32))
        address = f"http://127.0.0.1:{port}/{quote(job.deployment_id, safe='')}"
        return {
            "TF_HTTP_ADDRESS": address,
            "TF_HTTP_LOCK_ADDRESS": address,
            "TF_HTTP_UNLOCK_ADDRESS": address,
            "TF_HTTP_USERNAME": job.run_id,
            "TF_HTTP_PASSWORD": token,
            "TF_HTTP_RETRY_MAX": "0",  # a server on loopback that does not answer is gone for good
        }

    def holder(self, job: Job) -> str:
        """Return what the holder of the lock said of itself when this job was refused it last."""
        return self._holders.get((job.deployment_id, job.run_id), "")

    async def release(self, job: Job) -> None:
        """Free the lock that a command of this job, which is gone, did not free itself."""
        run_id, _ = self._held.get(job.deployment_id, ("", ""))
        if run_id == job.run_id:
            del self._held[job.deployment_id]
            await self.states.break_lock(job.deployment_id, job.run_id)

    async def aclose(self) -> None:
        """Stop serving."""
        server, self._server = self._server, None
        if server is None or self._loop is not asyncio.get_running_loop():
            return
        server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await server.wait_closed()

    async def _port(self) -> int:
        loop = asyncio.get_running_loop()
        if self._server is None or self._loop is not loop:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=MAX_HEAD_BYTES)
            self._loop = loop
        return int(self._server.sockets[0].getsockname()[1])

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._serving.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            # Terraform sees a broken connection and leaves its state in a file, which `recover` takes up.
            LOG.error("the state could not be served", exc_info=fault)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (reply := await self._one(reader)) is not None:
                writer.write(
                    f"HTTP/1.1 {reply.status.value} {reply.status.phrase}\r\n"
                    f"Content-Length: {len(reply.body)}\r\n\r\n".encode()
                )
                writer.write(reply.body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the command ended, or does not speak HTTP: either way there is nobody to answer
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader) -> _Reply | None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, target, _ = f"{first}  ".split(" ", 2)
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        size = headers.get("content-length", "0")
        if not size.isdecimal() or int(size) > MAX_STATE_BYTES or "transfer-encoding" in headers:
            return None
        body = await reader.readexactly(int(size))
        url = urlsplit(target)
        deployment_id = unquote(url.path.strip("/"))
        run_id = self._who(deployment_id, headers.get("authorization", ""))
        if run_id is None:
            return _Reply(HTTPStatus.UNAUTHORIZED)
        lock_id = parse_qs(url.query).get("ID", [""])[0]
        try:
            return await self._answer(_Asked(method, deployment_id, run_id, lock_id, body))
        except TerraformError as fault:
            return _Reply(HTTPStatus.CONFLICT, str(fault).encode())
        except (InfraError, ValueError, KeyError) as fault:
            return _Reply(HTTPStatus.BAD_REQUEST, str(fault).encode())

    def _who(self, deployment_id: str, authorization: str) -> str | None:
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            run_id, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            return None
        known = self._tokens.get((deployment_id, run_id), "")
        return run_id if known and hmac.compare_digest(known, token) else None

    async def _answer(self, asked: _Asked) -> _Reply:
        match asked.method:
            case "GET":
                state = await self.states.current(asked.deployment_id)
                return _Reply(HTTPStatus.OK, state.body) if state else _Reply(HTTPStatus.NOT_FOUND)
            case "POST":
                if self._held.get(asked.deployment_id) != (asked.run_id, asked.lock_id):
                    return _Reply(HTTPStatus.CONFLICT, b"the state is not locked by this command")
                await self.states.save(asked.deployment_id, asked.run_id, asked.body)
                return _Reply(HTTPStatus.OK)
            case "LOCK":
                return await self._lock(asked)
            case "UNLOCK":
                return await self._unlock(asked)
            case _:
                return _Reply(HTTPStatus.METHOD_NOT_ALLOWED)

    async def _lock(self, asked: _Asked) -> _Reply:
        info = json.loads(asked.body)
        info["Info"] = f"run {asked.run_id}"
        holder = await self.states.lock(asked.deployment_id, asked.run_id, json.dumps(info))
        if holder is not None:
            self._holders[asked.deployment_id, asked.run_id] = holder
            return _Reply(HTTPStatus.LOCKED, holder.encode())
        self._held[asked.deployment_id] = (asked.run_id, info["ID"])
        return _Reply(HTTPStatus.OK)

    async def _unlock(self, asked: _Asked) -> _Reply:
        lock_id = json.loads(asked.body)["ID"]
        if not await self.states.unlock(asked.deployment_id, lock_id):
            return _Reply(HTTPStatus.CONFLICT, b"the state is not locked by this command")
        self._held.pop(asked.deployment_id, None)
        return _Reply(HTTPStatus.OK)
