"""Artifacts: bundles, plans and previews by the sha256 of their content."""

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.errors import NotFoundError, RegistryError
from infraai.models import Bundle, Sha256
from infraai.registry.clock import Now
from infraai.registry.tables import artifacts


@dataclass(frozen=True, slots=True)
class Artifacts:
    """A content-addressed store: putting the same thing twice keeps one."""

    engine: AsyncEngine
    now: Now

    async def put(self, kind: str, body: bytes) -> Sha256:
        """Keep the body; return its sha256."""
        sha = hashlib.sha256(body).hexdigest()
        async with self.engine.begin() as connection:
            known = await connection.scalar(sa.select(artifacts.c.sha256).where(artifacts.c.sha256 == sha))
            if known is None:
                row = {"sha256": sha, "kind": kind, "body": body, "created_at": self.now()}
                await connection.execute(artifacts.insert().values(row))
        return sha

    async def get(self, sha: Sha256) -> bytes:
        """Return the body; raise `NotFoundError` where there is none."""
        async with self.engine.connect() as connection:
            body = await connection.scalar(sa.select(artifacts.c.body).where(artifacts.c.sha256 == sha))
        if body is None:
            raise NotFoundError(f"There is no artifact {sha[:12]}.", next_step="Was the registry replaced?")
        if hashlib.sha256(body).hexdigest() != sha:
            raise RegistryError(
                f"Artifact {sha[:12]} is not what was kept under that name.", next_step="Start anew."
            )
        return bytes(body)

    async def put_bundle(self, bundle: Bundle) -> Sha256:
        """Keep a bundle; return its sha256."""
        return await self.put("bundle", bundle.model_dump_json().encode())

    async def get_bundle(self, sha: Sha256) -> Bundle:
        """Return a bundle; raise `NotFoundError` where there is none."""
        return Bundle.model_validate_json(await self.get(sha))
