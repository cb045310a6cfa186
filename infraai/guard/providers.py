"""Providers are programs: only those that are known and only from where they are known to be.

https://developer.hashicorp.com/terraform/language/providers/requirements
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from infraai.configuration import Attribute, Block, Expression
from infraai.guard.material import Material, calls_of, refuse, shown, type_of, unsure
from infraai.models import Finding

NAMES = ("google", "google-beta", "random", "null", "time")
REGISTRIES = ("", "registry.terraform.io/", "registry.opentofu.org/")
SOURCES = frozenset(
    {f"{registry}hashicorp/{name}" for registry in REGISTRIES for name in NAMES}
    | set(NAMES)
    | {"terraform.io/builtin/terraform"}
)
BUILT_IN = "terraform"
# what people and models write for hashicorp by mistake; nobody but Google and HashiCorp holds these names
_SLIPS = frozenset(
    f"{space}/{name}" for space in ("google", "googlecloudplatform", "terraform-providers") for name in NAMES
)
PREFIXES = frozenset({"google", "random", "null", "time", BUILT_IN})
NEXT = f"Only these providers are used: {', '.join(NAMES)}. Remove it."
_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Required:
    """One entry of `required_providers`."""

    block: Block
    attribute: Attribute

    @property
    def sources(self) -> tuple[object, ...]:
        """Every source it names; the name itself where it names none; None for what is not plain text."""
        expression = self.attribute.expression
        if isinstance(expression.literal, str):
            return (self.attribute.name,)
        if expression.kind != "object" or any(not key for key, _ in expression.items):
            return (None,)
        named = tuple(value.literal for key, value in expression.items if key == "source")
        return named or (self.attribute.name,)


def providers(material: Material) -> Iterator[Finding]:
    """Yield whatever would make Terraform load another provider."""
    required = list(_required(material))
    local = {*NAMES, BUILT_IN, *(one.attribute.name for one in required)}
    for one in required:
        yield from _sources(one)
    for block in (*material.configuration.blocks, *material.configuration.tests):
        if block.type in {"provider", "mock_provider"} and block.labels[:1] and block.labels[0] not in local:
            yield _foreign(block, block.labels[0], f"The provider `{block.labels[0]}` is a foreign program.")
    for block in material.declared:
        yield from _of_type(block)
    for block in (
        *material.declared,
        *material.configuration.of("import"),
        *material.configuration.of("removed"),
    ):
        yield from _meta(block, local)
    for block in material.configuration.of("module"):
        yield from _passed(block, local)
    for block in material.everything:
        yield from _functions(block, local)


def _required(material: Material) -> Iterator[Required]:
    for block in (*material.configuration.of("terraform"), *material.configuration.tests):
        for inner in block.walk():
            if inner.type == "required_providers":
                for attribute in inner.attributes:
                    yield Required(inner, attribute)


def _sources(required: Required) -> Iterator[Finding]:
    for source in required.sources:
        if not isinstance(source, str) or source.lower() not in SOURCES:
            told = (
                f"from {source}" if isinstance(source, str) else f"by {shown(required.attribute.expression)}"
            )
            slip = isinstance(source, str) and source.lower() in _SLIPS
            yield (unsure if slip else refuse)(
                "foreign_provider",
                required.block,
                f"The provider `{required.attribute.name}` {told} is a foreign program. {NEXT}",
                required.attribute,
            )


def _of_type(block: Block) -> Iterator[Finding]:
    prefix = type_of(block).partition("_")[0]
    if not prefix or prefix in PREFIXES:
        return
    yield _foreign(block, prefix, f"{block.address} is of the foreign provider `{prefix}`.")


def _foreign(block: Block, name: str, message: str) -> Finding:
    """Return a refusal; a slip of the pen, meant for one that is known, is to be corrected first."""
    close = any(SequenceMatcher(None, name, known).ratio() >= _ALIKE for known in PREFIXES)
    return (unsure if close else refuse)("foreign_provider", block, f"{message} {NEXT}")


def _meta(block: Block, local: set[str]) -> Iterator[Finding]:
    """Judge the `provider` argument, and that of a module call's `providers`."""
    for attribute in (one for one in block.attributes if one.name == "provider"):
        name = _local_name(attribute.expression)
        if name not in local:
            message = (
                f"{block.address} is handed to the provider {shown(attribute.expression)}, a foreign program."
            )
            yield refuse("foreign_provider", block, f"{message} {NEXT}", attribute)


def _passed(block: Block, local: set[str]) -> Iterator[Finding]:
    passed = block.attribute("providers")
    for _, value in passed.expression.items if passed else ():
        if _local_name(value) not in local:
            message = f"{block.address} is given the provider {shown(value)}, a foreign program."
            yield refuse("foreign_provider", block, f"{message} {NEXT}", passed)


def _local_name(expression: Expression) -> str:
    text = expression.literal if isinstance(expression.literal, str) else expression.text
    return text.partition(".")[0].partition("[")[0].strip()


def _functions(block: Block, local: set[str]) -> Iterator[Finding]:
    for attribute, call in calls_of(block):
        space, _, rest = call.function.partition("::")
        if space == "provider" and rest.partition("::")[0] not in local:
            message = f"`{call.function}` is a function of a foreign provider."
            yield refuse("foreign_provider", block, f"{message} {NEXT}", attribute)
