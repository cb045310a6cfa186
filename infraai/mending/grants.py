"""IAM: a binding owns all members of a role, a member adds one; neither may become the other unasked.

https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/google_project_iam
"""

import re
from collections.abc import Iterator

from infraai.configuration import Attribute, Block
from infraai.mending.fault import Edit, Fault, Mend
from infraai.mending.objects import split_items_by_comma
from infraai.mending.text import attribute_name_span, replace
from infraai.mending.twins import referring

_ONE = re.compile(r'"|[\w-]+(?:\.[\w-]+)*\.(?:member|email|iam_email)$')  # what is one string for certain
_NAMED = re.compile(r'An argument named "(members?)" is not expected here')


def mend_grant(fault: Fault) -> Mend | None:
    """Write one member, or each of several, as `_iam_member` takes it; make a binding of one a member."""
    found, block = _NAMED.search(fault.words), fault.top
    attribute = fault.attribute_at(found[1]) if found else None
    if block is None or attribute is None or not block.labels or len(fault.chain) != 1:
        return None
    kind = block.labels[0]
    if kind.endswith("_iam_member") and attribute.name == "members" and not block.attribute("member"):
        return _members(fault, block, attribute)
    if kind.endswith("_iam_binding") and attribute.name == "member" and not block.attribute("members"):
        return _member(fault, block, attribute)
    return None


def _members(fault: Fault, block: Block, attribute: Attribute) -> Mend | None:
    start, end = attribute_name_span(attribute)
    text = attribute.expression.text.strip()
    renamed = Edit(block.file, start, end, "member")
    if not (text.startswith("[") and text.endswith("]")):
        one = attribute.expression.kind in {"literal", "template"}
        return Mend((renamed,), f"members → member in {block.address}") if one else None
    inner = text[1:-1].encode()
    items = [inner[first:last].strip().decode() for first, last in split_items_by_comma(inner)]
    if not items or any(not _ONE.match(one) for one in items):
        return None
    if len(items) == 1:
        put = replace(block.file, attribute.expression.span, items[0])
        return Mend((renamed, put), f"members → member in {block.address}")
    alone = not block.attribute("count") and not block.attribute("for_each")
    if not alone or referring(fault.configuration, block):
        return None
    fixed = not attribute.expression.references
    keyed = ", ".join(f'"{number}" = {one}' for number, one in enumerate(items, start=1))
    each = f"toset({text})" if fixed else f"{{ {keyed} }}"  # what is known only later may be no key
    whole = replace(block.file, attribute.span, f"for_each = {each}\n  member = each.value")
    return Mend((whole,), f"each of the {len(items)} members of {block.address} has its own grant")


def _member(fault: Fault, block: Block, attribute: Attribute) -> Mend | None:
    """One member of a role is what `_iam_member` grants; nobody else loses the role by it."""
    kind = block.labels[0]
    new = kind.removesuffix("_iam_binding") + "_iam_member"
    taken = any(one.labels == (new, block.labels[1]) for one in fault.configuration.resources)
    if taken or not fault.schemas.known(new) or referring(fault.configuration, block):
        return None
    if attribute.expression.text.strip().startswith("["):
        return None
    source, start = fault.bundle.files[block.file].encode(), block.span.start
    at = start + source[start : block.body.start].index(kind.encode())
    what = f"{block.address} → {new}: a binding would take the role from everybody else"
    return Mend((Edit(block.file, at, at + len(kind), new),), what)


def seized(old: Block, new: Block) -> Iterator[str]:
    """Yield where a grant for one became the rule of who has a role at all."""
    own = [one.labels[0] for one in (old, new) if one.type == "resource" and one.labels]
    if len(own) != 2 or not own[1].endswith(("_iam_binding", "_iam_policy")):  # noqa: PLR2004
        return
    if own[0].endswith("_iam_member") or (old.attribute("member") and not old.attribute("members")):
        yield (
            f"{new.address} would take the role from everybody else: a binding owns all members of a role,"
            " google_…_iam_member adds one"
        )
