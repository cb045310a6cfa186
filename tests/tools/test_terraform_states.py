"""The state server, as a stranger on loopback would meet it."""

import json
from collections.abc import AsyncGenerator

import httpx
import pytest

from tests.tools.engines import job
from tools.terraform import MemoryStates
from tools.terraform.state_server import StateServer

BODY = json.dumps({"version": 4, "serial": 1, "lineage": "l", "resources": []}).encode()
LOCK = {"ID": "lock-1", "Who": "ada@host", "Operation": "OperationTypeApply", "Created": "now", "Info": ""}


@pytest.fixture
async def server() -> AsyncGenerator[StateServer]:
    one = StateServer(MemoryStates())
    yield one
    await one.aclose()


async def client(
    server: StateServer, run_id: str = "run-1", deployment_id: str = "dep-1"
) -> httpx.AsyncClient:
    environment = await server.open(job(run_id, deployment_id))
    return httpx.AsyncClient(
        base_url=environment["TF_HTTP_ADDRESS"],
        auth=(environment["TF_HTTP_USERNAME"], environment["TF_HTTP_PASSWORD"]),
        trust_env=False,
    )


async def test_a_state_is_kept_in_versions_under_a_lock(server: StateServer) -> None:
    async with await client(server) as http:
        assert (await http.get("")).status_code == 404
        assert (await http.post("?ID=lock-1", content=BODY)).status_code == 409
        assert (await http.request("LOCK", "", json=LOCK)).status_code == 200
        assert (await http.post("?ID=lock-1", content=BODY)).status_code == 200
        newer = BODY.replace(b'"serial": 1', b'"serial": 2')
        assert (await http.post("?ID=lock-1", content=newer)).status_code == 200
        assert (await http.get("")).content == newer
        assert (await http.post("?ID=lock-1", content=BODY)).status_code == 409
        assert (await http.post("?ID=lock-1", content=newer.replace(b'"l"', b'"m"'))).status_code == 409
        assert (await http.post("?ID=lock-1", content=b"no state")).status_code == 400
        assert (await http.request("UNLOCK", "", json=LOCK)).status_code == 200
    assert isinstance(server.states, MemoryStates)
    assert [one.serial for one in server.states.versions["dep-1"]] == [1, 2]


async def test_a_held_lock_answers_with_its_holder(server: StateServer) -> None:
    async with await client(server) as one, await client(server, "run-2") as other:
        await one.request("LOCK", "", json=LOCK)
        refused = await other.request("LOCK", "", json={**LOCK, "ID": "lock-2"})
        assert refused.status_code == 423
        assert (refused.json()["ID"], refused.json()["Info"]) == ("lock-1", "run run-1")
        assert (await other.request("UNLOCK", "", json={**LOCK, "ID": "lock-2"})).status_code == 409
        assert (await one.request("UNLOCK", "", json=LOCK)).status_code == 200
        assert (await other.request("LOCK", "", json={**LOCK, "ID": "lock-2"})).status_code == 200


async def test_a_state_is_never_deleted(server: StateServer) -> None:
    async with await client(server) as http:
        assert (await http.delete("")).status_code == 405


async def test_a_runs_token_opens_its_own_deployment_and_no_other(server: StateServer) -> None:
    async with await client(server) as http, await client(server, "run-2", "dep-2") as other:
        for wrong in (
            await http.get(str(other.base_url)),
            await http.get("", auth=("run-1", "guess")),
            await http.get("", auth=("run-2", "")),
            await http.get("", auth=None, headers={"Authorization": "Bearer x"}),
            await http.get("", auth=None, headers={"Authorization": "Basic ###"}),
            await http.get(f"{http.base_url}/../dep-2"),
        ):
            assert wrong.status_code == 401
        assert (await http.get("")).status_code == 404


async def test_it_listens_on_loopback_and_not_after_its_end() -> None:
    server = StateServer(MemoryStates())
    http = await client(server)
    assert http.base_url.host == "127.0.0.1"
    await http.get("")
    await server.aclose()
    with pytest.raises(httpx.TransportError):
        await http.get("")
    await http.aclose()
