"""The webhook on loopback, over HTTP."""

import asyncio
import base64
import json
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from api.receiver import MOST_AT_ONCE, MOST_BYTES, receiving
from infraai.blocks.monitoring import WEBHOOK_PATH
from infraai.errors import AlertError, InputError, RegistryError

BODY = {"resource_id": "vm-1", "metric": "cpu_usage", "value": 85, "threshold": 80}


@dataclass(frozen=True)
class Kept:
    alert_id: str


@dataclass
class Inbox:
    """Keeps every body; raises what it is told to."""

    bodies: list[bytes] = field(default_factory=list)
    fault: Exception | None = None

    async def receive(self, body: bytes) -> tuple[Kept, ...]:
        if self.fault is not None:
            raise self.fault
        try:
            found = json.loads(body)
        except ValueError:
            raise AlertError("The body is no JSON.", next_step="Send JSON.") from None
        self.bodies.append(body)
        return tuple(Kept(f"alert-{index}") for index, _ in enumerate(found.get("alerts", [1])))


Ask = Callable[[httpx.AsyncClient, str], Coroutine[Any, Any, httpx.Response]]


async def answer(inbox: Inbox, ask: Ask, *, token: str = "") -> httpx.Response:
    async with (
        receiving(inbox.receive, port=0, token=token) as url,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        return await ask(client, url)


async def test_a_body_is_kept_and_acknowledged_with_every_id() -> None:
    inbox = Inbox()
    said = await answer(inbox, lambda client, url: client.post(url, json={"alerts": [1, 2]}))
    assert (said.status_code, said.json()) == (
        200,
        {"received": True, "alert_id": "alert-0", "alert_ids": ["alert-0", "alert-1"]},
    )
    assert len(inbox.bodies) == 1


async def test_what_is_no_alert_is_400_with_the_reason() -> None:
    said = await answer(Inbox(), lambda client, url: client.post(url, content=b"<html>"))
    assert (said.status_code, said.json()["error"]) == (400, "The body is no JSON.")


async def test_a_long_body_is_413_and_never_parsed() -> None:
    inbox = Inbox()
    said = await answer(inbox, lambda client, url: client.post(url, content=b" " * (5 * MOST_BYTES)))
    assert (said.status_code, inbox.bodies) == (413, [])


@pytest.mark.parametrize(
    "fault", [RegistryError("away", next_step=""), OperationalError("x", None, Exception("locked"))]
)
async def test_what_cannot_be_kept_now_is_503_so_that_it_is_sent_again(fault: Exception) -> None:
    said = await answer(Inbox(fault=fault), lambda client, url: client.post(url, json=BODY))
    assert said.status_code == 503


async def test_a_token_is_asked_for_where_one_is_set() -> None:
    inbox = Inbox()
    basic = base64.b64encode(b"google:geheim").decode()

    async def all_ways(client: httpx.AsyncClient, url: str) -> httpx.Response:
        for refused in (
            await client.post(url, json=BODY),
            await client.post(f"{url}?token=wrong", json=BODY),
            await client.post(url, json=BODY, headers={"authorization": "Basic !!!"}),
        ):
            assert refused.status_code == 401
        assert inbox.bodies == []
        for headers in ({"authorization": "Bearer geheim"}, {"authorization": f"Basic {basic}"}):
            assert (await client.post(url, json=BODY, headers=headers)).status_code == 200
        return await client.post(f"{url}?token=geheim", json=BODY)

    assert (await answer(inbox, all_ways, token="geheim")).status_code == 200
    assert len(inbox.bodies) == 3


async def test_a_page_in_a_browser_may_not_post() -> None:
    inbox = Inbox()
    headers = {"origin": "https://evil.example"}
    said = await answer(inbox, lambda client, url: client.post(url, json=BODY, headers=headers))
    assert (said.status_code, inbox.bodies) == (403, [])


async def test_only_post_and_only_its_path() -> None:
    async def others(client: httpx.AsyncClient, url: str) -> httpx.Response:
        assert (await client.get(url)).status_code == 405
        assert (await client.post(f"{url}/else", json=BODY)).status_code == 404
        return await client.get(url.replace("/ops/webhook", "/health"))

    assert (await answer(Inbox(), others)).json() == {"ok": True}


async def test_a_port_that_is_taken_is_said_with_the_next_step() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="--port"):
            async with receiving(Inbox().receive, port=taken.getsockname()[1]):
                pass


async def test_it_is_gone_once_left() -> None:
    async with receiving(Inbox().receive, port=0) as url:
        pass
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.post(url, json=BODY)


async def opened(url: str, path: str = WEBHOOK_PATH) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A sender that says how long its body is, and sends one byte of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].partition("/")[0]))
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{{".encode())
    await writer.drain()
    return reader, writer


async def test_a_body_that_does_not_arrive_is_408_and_its_connection_is_closed() -> None:
    inbox = Inbox()
    async with receiving(inbox.receive, port=0, slowest_s=0.2) as url:
        reader, writer = await opened(url)
        said = await asyncio.wait_for(reader.read(), 5)  # to its end
        writer.close()
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive within 0.2 s" in said
    assert inbox.bodies == []


async def test_more_bodies_at_once_than_are_taken_are_503_and_those_after_them_are_heard() -> None:
    inbox = Inbox()
    async with (
        receiving(inbox.receive, port=0, slowest_s=1) as url,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        slow = [await opened(url) for _ in range(MOST_AT_ONCE)]
        await asyncio.sleep(0.2)
        assert (await client.post(url, json=BODY)).status_code == 503
        assert (await client.get(url.replace(WEBHOOK_PATH, "/health"))).status_code == 200
        said = await asyncio.gather(*(asyncio.wait_for(reader.read(), 5) for reader, _ in slow))
        assert {one.split(b" ")[1] for one in said} == {b"408"}
        assert (await client.post(url, json=BODY)).status_code == 200
        for _, writer in slow:
            writer.close()
    assert len(inbox.bodies) == 1
