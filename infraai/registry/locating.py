"""Locating: which resource of which deployment an alert or a name means. Two that fit are none: never a guess."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.errors import AmbiguousError, NotFoundError
from infraai.labels import DEPLOYMENT_LABEL, RESOURCE_LABEL, label_value, resource_label
from infraai.models import DeploymentId, RecordedResource
from infraai.operations.shapes import Alert, Target
from infraai.registry import likeness
from infraai.registry.likeness import Candidate, Match
from infraai.registry.tables import departed, deployments, resources

_AT_ONCE = 25
MANUAL = "No deployment has {what}; it may be a manual resource."


@dataclass(frozen=True, slots=True)
class Unlocated:
    """Why nothing was found, for people."""

    reason: str


@dataclass(slots=True)
class _Departed:
    """What stands no more, by whose it was, read when it is first asked for."""

    locator: "Locator"
    read: dict[frozenset[DeploymentId], list[Candidate]] = field(
        default_factory=dict[frozenset[DeploymentId], list[Candidate]]
    )

    async def of(self, owners: frozenset[DeploymentId]) -> list[Candidate]:
        if owners not in self.read:
            self.read[owners] = await self.locator.departed(owners)
        return self.read[owners]


@dataclass(frozen=True, slots=True)
class Locator:
    """Looks at `deployments`, `resources` and what has departed."""

    engine: AsyncEngine

    async def locate(self, alert: Alert) -> Target | Unlocated:
        """Return the one resource that the alert is about, or why it is not certain."""
        return (await self.locate_all([alert]))[0]

    async def locate_all(self, alerts: Sequence[Alert]) -> Sequence[Target | Unlocated]:
        """Return for each alert what `locate` does; what stands, and what has departed, is read once."""
        if not alerts:
            return ()
        standing, known = await self._standing(), _Departed(self)
        found: list[Target | Unlocated] = []
        for number, alert in enumerate(alerts, start=1):
            found.append(await self._located(alert, standing, known))
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)  # others of this process come between
        return found

    async def _located(
        self, alert: Alert, standing: Sequence[Candidate], known: "_Departed"
    ) -> Target | Unlocated:
        labelled = _labelled(alert)
        if labelled:
            standing = [one for one in standing if label_value(one.deployment_id) == labelled]
            if not standing:
                return await self._gone_deployment(labelled)
        ours = [one for one in standing if not likeness.elsewhere(alert, one)]
        found = _by_labels(alert, ours) if labelled else None
        if isinstance(found, Unlocated):
            return found
        match = found or likeness.match(alert, ours)
        if match is None:
            return await self._unknown(alert, standing, known)
        if len(match.candidates) != 1:
            return _several(match)
        return _target(match.candidates[0], match)

    async def find(self, name: str, deployment_id: DeploymentId = "") -> Target:
        """Return the resource of this name, Terraform address, Google id or link, or the group of this machine.

        Raises `NotFoundError` where there is none and `AmbiguousError` where there is more than one.
        """
        standing = [one for one in await self._standing() if deployment_id in {"", one.deployment_id}]
        match = likeness.match_name(name.strip(), standing)
        if match is None:
            gone = likeness.match_name(name.strip(), await self.departed())
            raise NotFoundError(
                _late(gone.candidates[0]).reason if gone else f"No deployment has a resource {name!r}.",
                next_step="`infraai deployments show` lists what there is; it may be a manual resource.",
            )
        if len(match.candidates) != 1:
            raise AmbiguousError(
                _several(match).reason,
                next_step="Name it by its Google id, or by its address and deployment.",
            )
        return _target(match.candidates[0], match)

    async def _standing(self) -> list[Candidate]:
        standing = deployments.c.status != "destroyed"
        return await self._candidates(resources, standing, resources.c.address)

    async def departed(self, deployment_ids: Collection[DeploymentId] = ()) -> list[Candidate]:
        """Return what stands no more, newest first."""
        its = departed.c.deployment_id.in_(deployment_ids) if deployment_ids else sa.true()
        return await self._candidates(departed, its, departed.c.at.desc())

    async def _candidates(
        self, table: sa.Table, where: sa.ColumnElement[bool], order: sa.ColumnElement[Any]
    ) -> list[Candidate]:
        theirs = deployments.c.deployment_id == table.c.deployment_id
        query = sa.select(table, deployments.c.project.label("its_project")).join(deployments, theirs)
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query.where(where).order_by(order))).mappings().all()
        return [_candidate(row) for row in rows]

    async def _gone_deployment(self, labelled: str) -> Unlocated:
        """Return why a deployment that the alert's own labels name has nothing."""
        async with self.engine.connect() as connection:
            rows = (
                await connection.execute(sa.select(deployments.c.deployment_id, deployments.c.status))
            ).all()
        known = next((row for row in rows if label_value(row.deployment_id) == labelled), None)
        if known is None:
            return Unlocated(f"No deployment {labelled[:36]} is known here.")
        if known.status == "destroyed":
            return Unlocated(f"Deployment {known.deployment_id} was destroyed; the alert comes late.")
        return Unlocated(f"Deployment {known.deployment_id} has no resources.")

    async def _unknown(self, alert: Alert, standing: Sequence[Candidate], known: "_Departed") -> Unlocated:
        """Return why nothing fits: in another project, gone a moment ago, or never ours."""
        wanted = alert.labels.get(f"user_labels.{RESOURCE_LABEL}", "")
        named = [*likeness.names_of(alert), wanted]
        if not any(named):
            return Unlocated("The alert does not say which resource it is about.")
        other = likeness.match(alert, standing)
        if other is not None:
            said = f" {alert.project}" if alert.project else ""
            name = other.candidates[0].resource.name
            return Unlocated(f"The alert is about project{said}, but our {name} is in another project.")
        owners = {one.deployment_id for one in standing} if _labelled(alert) else ()
        gone = await known.of(frozenset(owners))
        late = likeness.match(alert, gone) or _by_labels(alert, gone)
        if isinstance(late, Match):
            return _late(late.candidates[0])
        return Unlocated(MANUAL.format(what=f"a resource {named[0]!r}"))


def _labelled(alert: Alert) -> str:
    """Return the deployment that the policy's own labels name, as a label's value."""
    return alert.labels.get(f"user_labels.{DEPLOYMENT_LABEL}", "")


def _late(one: Candidate) -> Unlocated:
    what = f"{one.resource.address} of deployment {one.deployment_id}"
    return Unlocated(f"{what} was destroyed; the alert comes late.")


def _by_labels(alert: Alert, ours: Sequence[Candidate]) -> Match | Unlocated | None:
    """Return what the policy's own labels name; they must not contradict the rest of what the alert says."""
    wanted = alert.labels.get(f"user_labels.{RESOURCE_LABEL}", "")
    same = [one for one in ours if wanted and resource_label(one.resource.address) == wanted]
    if not same:
        return None
    narrowed = likeness.match(alert, same)
    if narrowed is not None:
        return Match("user_labels", narrowed.candidates, narrowed.member)
    if all(likeness.contradicts(alert, one) for one in same):
        elsewhere = likeness.match(alert, ours)
        if elsewhere is not None:
            return elsewhere
        return Unlocated(
            f"The policy watches {same[0].resource.address}, but the alert is about another resource."
        )
    return Match("user_labels", tuple(same), likeness.member_of(alert, same))


def _several(match: Match) -> Unlocated:
    owners = sorted({one.deployment_id for one in match.candidates})
    name = match.candidates[0].resource.name
    if len(owners) > 1:
        return Unlocated(f"{len(owners)} deployments have a resource {name!r}: {', '.join(owners)}.")
    which = ", ".join(one.resource.address for one in match.candidates)
    return Unlocated(f"Several resources of deployment {owners[0]} fit: {which}.")


def _target(one: Candidate, match: Match) -> Target:
    return Target(
        deployment_id=one.deployment_id,
        resource=one.resource,
        matched_by=match.by,
        member=match.member if likeness.is_group(one) else "",
    )


def _candidate(row: sa.RowMapping) -> Candidate:
    resource = RecordedResource(
        type=row["type"],
        name=row["name"],
        id=row["google_id"],
        address=row["address"],
        metadata=row["metadata"],
    )
    return Candidate(deployment_id=row["deployment_id"], project=row["its_project"], resource=resource)
