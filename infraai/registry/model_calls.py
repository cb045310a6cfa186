"""What the model was asked, what it cost and how it went: a line for each call."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.models import ModelUsage, RunId
from infraai.registry.clock import Now
from infraai.registry.tables import model_calls


@dataclass(frozen=True, slots=True)
class ModelCalls:
    """Rows of `model_calls`."""

    engine: AsyncEngine
    now: Now

    async def add(
        self,
        run_id: RunId,
        *,
        task: str,
        model: str,
        input_tokens: int,
        output_tokens: int,
        cost_usd: float,
        seconds: float,
        outcome: str,
        prompt_sha256: str,
    ) -> None:
        """Keep one call."""
        row = {
            "run_id": run_id,
            "task": task,
            "model": model,
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "cost_usd": cost_usd,
            "seconds": seconds,
            "outcome": outcome,
            "prompt_sha256": prompt_sha256,
            "at": self.now(),
        }
        async with self.engine.begin() as connection:
            await connection.execute(model_calls.insert().values(row))

    async def usage(self, run_id: RunId) -> ModelUsage:
        """Return what the run's calls add up to."""
        columns = model_calls.c
        query = sa.select(
            sa.func.coalesce(sa.func.max(columns.model), "").label("name"),
            sa.func.count().label("calls"),
            sa.func.coalesce(sa.func.sum(columns.input_tokens), 0).label("input_tokens"),
            sa.func.coalesce(sa.func.sum(columns.output_tokens), 0).label("output_tokens"),
            sa.func.coalesce(sa.func.sum(columns.cost_usd), 0.0).label("cost_usd"),
            sa.func.coalesce(sa.func.sum(columns.seconds), 0.0).label("seconds"),
        ).where(columns.run_id == run_id)
        async with self.engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one()
        return ModelUsage.model_validate(dict(row))
