"""Small facts about a configuration: `google_compute_network.main name = "main"`, `!variable.x default`."""

import re

from infraai.configuration import Block, Configuration, Expression

_FACT = re.compile(r"(?P<no>!)?(?P<address>\S+)(?: (?P<path>[\w.]+)(?: = (?P<text>.*))?)?$", re.DOTALL)


def missing_facts(configuration: Configuration, facts: list[str]) -> list[str]:
    """Return the facts that do not hold."""
    return [fact for fact in facts if not _holds(configuration, fact)]


def _holds(configuration: Configuration, fact: str) -> bool:
    found = _FACT.match(fact)
    assert found, f"not a fact: {fact}"
    blocks = [one for one in configuration.blocks if one.address == found["address"]]
    if not found["path"]:
        return bool(blocks) != bool(found["no"])
    values = [value for block in blocks for value in _values(block, found["path"].split("."))]
    if found["no"]:
        return bool(blocks) and not values
    if found["text"] is None:
        return bool(values)
    return any(_plain(one) == _plain(found["text"]) for one in values)


def _values(block: Block, path: list[str]) -> list[str]:
    attribute = block.attribute(path[0])
    if attribute:
        return [attribute.expression.text] if len(path) == 1 else _inside(attribute.expression, path[1])
    if len(path) == 1:
        return ["{}"] if any(one.type == path[0] for one in block.blocks) else []
    return [value for one in block.blocks if one.type == path[0] for value in _values(one, path[1:])]


def _inside(expression: Expression, key: str) -> list[str]:
    found = re.search(rf"[\"]?{re.escape(key)}[\"]?\s*=\s*(\"[^\"]*\"|[^,}}\n]+)", expression.text)
    return [found[1].strip()] if found else []


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
