"""Reading Terraform's language: `infraai.ports.Hcl` by tree-sitter."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial

from infraai.configuration import Block, Configuration, Span, Template
from infraai.models import Bundle
from tools.hcl.json_syntax import parse_json
from tools.hcl.templates import parse_template
from tools.hcl.tree import Body, parse_text

_CONFIGURATION = (".tf", ".tofu", ".tf.json", ".tofu.json")
_TESTS = (".tftest.hcl", ".tofutest.hcl", ".tfmock.hcl", ".tftest.json", ".tofutest.json", ".tfmock.json")
_VALUES = ("terraform.tfvars", "terraform.tfvars.json")
# names that a template must have in it to read a file or to call a provider's function
_TELLING = re.compile(r"[$%]\{.*(?:file|template|provider)", re.DOTALL)
_AUTO_VALUES = (".auto.tfvars", ".auto.tfvars.json")


@dataclass(frozen=True, slots=True)
class HclTreeSitter:
    """`infraai.ports.Hcl`: the files Terraform or OpenTofu would read, in native and in JSON syntax."""

    def parse(self, bundle: Bundle) -> Configuration:
        """Return what the bundle's files say, faults included; never raises on content."""
        names = sorted(bundle.files)
        declared = _bodies(bundle, (name for name in names if is_configuration(name)))
        tests = _bodies(bundle, (name for name in names if _read_by_terraform(name, _TESTS)))
        values = _bodies(bundle, (name for name in names if is_values(name)))
        return Configuration(
            blocks=tuple(block for body in declared.values() for block in body.blocks),
            faults=tuple(
                fault
                for bodies in (declared, tests, values)
                for one in bodies.values()
                for fault in one.faults
            ),
            files=tuple(declared),
            values=tuple(_values_block(name, body) for name, body in values.items()),
            tests=tuple(block for body in tests.values() for block in body.blocks),
            templates=tuple(
                _template(name, text)
                for name, text in sorted(bundle.files.items())
                if name not in declared and _TELLING.search(text)
            ),
        )


def is_configuration(name: str) -> bool:
    """Return whether Terraform or OpenTofu reads the file of this path as configuration."""
    return _read_by_terraform(name, _CONFIGURATION)


def is_values(name: str) -> bool:
    """Return whether Terraform reads the file of this path for variables' values, unasked."""
    return name in _VALUES or ("/" not in name and name.endswith(_AUTO_VALUES))


def _read_by_terraform(name: str, suffixes: tuple[str, ...]) -> bool:
    """Return whether a file counts: hidden files and editors' copies do not (Terraform's IsIgnoredFile)."""
    base = name.rpartition("/")[2]
    ignored = base.startswith(".") or base.endswith("~") or (base.startswith("#") and base.endswith("#"))
    return not ignored and base.endswith(suffixes)


def _bodies(bundle: Bundle, names: Iterable[str]) -> dict[str, Body]:
    return {name: _body(name, bundle.files[name]) for name in names}


@lru_cache(maxsize=512)
def _body(name: str, text: str) -> Body:
    read: Callable[[str, str], Body] = parse_json if name.endswith(".json") else parse_text
    if ".tfvars" in name and name.endswith(".json"):
        read = partial(parse_json, templates=False)
    return read(name, text)


@lru_cache(maxsize=128)
def _template(name: str, text: str) -> Template:
    return Template(name, parse_template(name, text))


def _values_block(name: str, body: Body) -> Block:
    whole = Span(0, 0, 1, 1)
    return Block("tfvars", (), whole, whole, name, body.attributes, body.blocks)
