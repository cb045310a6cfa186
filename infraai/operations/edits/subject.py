"""A resource as the configuration declares it: its block, the modules that lead to it, and which copy it is."""

import json
import re
from dataclasses import dataclass

from infraai.configuration import Block, Configuration, Expression
from infraai.errors import ActionError
from infraai.guard.known import called_module
from infraai.operations.shapes import Target
from infraai.regions import region_of

Key = str | int | None
_STEP = re.compile(r'([A-Za-z_][\w-]*)(?:\[("(?:[^"\\]|\\.)*"|\d+)\])?(?:\.|$)')
_BY_HAND = "Change the files and run `infraai apply`."


@dataclass(frozen=True, slots=True)
class Through:
    """A module call, and which copy of the module is meant."""

    block: Block
    key: Key = None

    @property
    def copied(self) -> bool:
        """Return whether the call makes more than one copy of the module."""
        return any(self.block.attribute(name) for name in ("count", "for_each"))


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: its configuration, the module calls that lead there, and which copy is meant."""

    configuration: Configuration
    calls: tuple[Through, ...] = ()  # the outermost first
    each: Expression | None = None  # the `for_each` of the block
    key: Key = None

    @property
    def directory(self) -> str:
        """Return the directory of the module, "" for the root."""
        return (called_module(self.calls[-1].block) or "") if self.calls else ""

    @property
    def outer(self) -> "Scope":
        """Return the scope of the innermost module call's own arguments."""
        call = self.calls[-1]
        each = call.block.attribute("for_each")
        return Scope(self.configuration, self.calls[:-1], each.expression if each else None, call.key)

    def blocks(self, kind: str) -> tuple[Block, ...]:
        """Return the module's top-level blocks of this type."""
        return tuple(one for one in self.configuration.of(kind) if one.module_path == self.directory)


@dataclass(frozen=True, slots=True)
class Subject:
    """One resource: `address` is Terraform's, with modules and index."""

    address: str
    block: Block
    scope: Scope
    region: str
    target: Target | None = None

    @property
    def type(self) -> str:
        """Return its Terraform type."""
        return self.block.labels[0]

    @property
    def copied(self) -> bool:
        """Return whether the block makes more than this one resource."""
        return any(self.block.attribute(name) for name in ("count", "for_each"))

    @property
    def shared(self) -> bool:
        """Return whether the block stands for other resources too, by itself or through its module."""
        calls = self.scope.configuration.of("module")
        here = self.scope.directory
        return (
            self.copied
            or any(one.copied for one in self.scope.calls)
            or (bool(here) and sum(called_module(one) == here for one in calls) > 1)
        )

    @property
    def prefix(self) -> str:
        """Return the modules' part of the address: "" or `module.web.`."""
        return "".join(f"module.{call.block.labels[0]}{_index(call.key)}." for call in self.scope.calls)

    @property
    def siblings(self) -> tuple[Block, ...]:
        """Return the resources declared in the same module."""
        return tuple(one for one in self.scope.blocks("resource") if len(one.labels) == 2)  # noqa: PLR2004

    def beside(self, block: Block) -> "Subject":
        """Return another resource of the same module; which copy of it is meant follows from this one's key."""
        each = block.attribute("for_each")
        copied = each or block.attribute("count")
        key = self.scope.key if copied else None
        scope = Scope(self.scope.configuration, self.scope.calls, each.expression if each else None, key)
        return Subject(self.prefix + block.address + _index(key), block, scope, self.region)


def subject_of(
    configuration: Configuration, address: str, region: str, target: Target | None = None
) -> Subject:
    """Return the resource of this address; raise `ActionError` where the files do not declare it, or twice."""
    steps = _steps(address)
    calls: tuple[Through, ...] = ()
    while len(steps) >= 4 and steps[0][0] == "module":  # noqa: PLR2004
        calls = (*calls, Through(_call(Scope(configuration, calls), steps[1][0], address), steps[1][1]))
        steps = steps[2:]
    if len(steps) != 2:  # noqa: PLR2004
        raise ActionError(
            f"{address!r} is no address of a resource.", next_step="See: infraai deployments show."
        )
    (kind, _), (name, key) = steps
    scope = Scope(configuration, calls)
    found = [one for one in scope.blocks("resource") if one.labels == (kind, name)]
    if len(found) != 1:
        said = "more than one block declares it" if found else "the files do not declare it"
        raise ActionError(f"{address} cannot be changed: {said}.", next_step=_BY_HAND)
    each = found[0].attribute("for_each")
    scope = Scope(configuration, calls, each.expression if each else None, key)
    return Subject(address, found[0], scope, region or _region(target), target)


def _call(scope: Scope, name: str, address: str) -> Block:
    found = [one for one in scope.blocks("module") if one.labels == (name,)]
    if len(found) != 1 or called_module(found[0]) is None:
        raise ActionError(
            f"{address} cannot be changed: module {name} is not one of the deployment's own files.",
            next_step=_BY_HAND,
        )
    return found[0]


def _steps(address: str) -> list[tuple[str, Key]]:
    """Return the names of an address with their indexes; [] where it is none."""
    steps: list[tuple[str, Key]] = []
    offset = 0
    while offset < len(address):
        found = _STEP.match(address, offset)
        if found is None:
            return []
        steps.append((found[1], json.loads(found[2]) if found[2] else None))
        offset = found.end()
    return steps


def _index(key: Key) -> str:
    return "" if key is None else f"[{json.dumps(key)}]"


def _region(target: Target | None) -> str:
    metadata = target.resource.metadata if target else {}
    place = next((metadata[name] for name in ("region", "zone", "location") if metadata.get(name)), "")
    return region_of(str(place).rsplit("/", 1)[-1]) if place else ""
