"""Modules: only those that are part of the bundle, which the guard has read too."""

import posixpath
from collections.abc import Iterator

from infraai.configuration import Attribute, Block
from infraai.guard.material import Material, refuse, shown
from infraai.models import Finding


def modules(material: Material) -> Iterator[Finding]:
    """Yield the module calls whose source is not a directory of the bundle."""
    calls = list(material.configuration.of("module"))
    for block in material.configuration.tests:
        calls += [inner for inner in block.walk() if inner.type == "module"]
    for block in calls:
        sources = [one for one in block.attributes if one.name == "source"]
        for source in sources:
            yield from _source(block, source)


def _source(block: Block, source: Attribute) -> Iterator[Finding]:
    address, text = source.expression.literal, shown(source.expression)
    if not isinstance(address, str):
        reason = "is computed, so nobody can say beforehand what it loads"
    elif not address.startswith(("./", "../")) or "\\" in address:
        reason = "is fetched from elsewhere"
    else:
        path = posixpath.normpath(posixpath.join(_origin(block), address))
        if path == ".." or path.startswith("../"):
            reason = "lies outside the bundle"
        elif any(part.startswith(".") and part != "." for part in path.split("/")):
            reason = "is a hidden directory, which may hold what nobody reviewed"
        else:
            return
    yield refuse(
        "remote_module",
        block,
        f"The source {text} of {block.address} {reason}. Copy the module into the bundle and name it as "
        "./modules/NAME.",
        source,
    )


def _origin(block: Block) -> str:
    """Return what a source is relative to: the file's module, or the root for a test file's."""
    return "" if block.file.endswith((".hcl", ".tftest.json", ".tofutest.json")) else block.module_path
