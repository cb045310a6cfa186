"""Who may do what: flagged, since a person decides.

https://cloud.google.com/iam/docs/overview#basic and its page on allUsers
"""

import re
from collections.abc import Iterator

from infraai.configuration import Attribute, Block
from infraai.guard.known import Scope
from infraai.guard.material import Material, attributes_of, flag, type_of
from infraai.models import Finding

EVERYBODY = frozenset(
    {"allusers", "allauthenticatedusers", "publicread", "publicreadwrite", "authenticatedread"}
)
PRIMITIVE = frozenset({"roles/owner", "roles/editor"})
_IAM_TYPE = re.compile(r".*_iam_(member|binding|policy|audit_config|custom_role|deny_policy)s?|google_iam_.*")
_ACL_TYPE = re.compile(r".*(access_control|_acl|_dataset_access|_dataset)")


def iam(material: Material) -> Iterator[Finding]:
    """Yield changes of permissions, the public ones above all."""
    for block in material.declared:
        kind = type_of(block)
        words = list(_words(material, block))
        if block.type == "resource" and _IAM_TYPE.fullmatch(kind):
            yield flag(
                "iam_change", block, f"{block.address} changes who may do what. Check member and role."
            )
            yield from _primitive(block, words)
        if _IAM_TYPE.fullmatch(kind) or _ACL_TYPE.fullmatch(kind) or kind.startswith("google_storage_"):
            yield from _public(block, words)
        if kind == "google_service_account_key" and block.type == "resource":
            yield flag(
                "service_account_key",
                block,
                f"{block.address} creates a key that does not expire, and its private half lies in the "
                "state. Attach "
                "the service account to the machine instead.",
            )
        if block.literal("invoker_iam_disabled") is True:
            yield flag(
                "public_iam", block, f"{block.address} can be called by anybody. Keep the invoker check on."
            )
    for block in material.configuration.blocks:
        yield from _adoption(block)


def _words(material: Material, block: Block) -> Iterator[tuple[Attribute, str]]:
    scope = Scope(block.module_path, block)
    for _, attribute in attributes_of(block):
        for text in material.known.strings(attribute.expression, scope):
            yield attribute, text


def _public(block: Block, words: list[tuple[Attribute, str]]) -> Iterator[Finding]:
    for attribute, text in words:
        if text.lower() in EVERYBODY:
            bucket = "storage" in type_of(block)
            who = (
                "anybody on the internet"
                if text.lower() != "allauthenticatedusers"
                else "anybody with a Google account"
            )
            yield flag(
                "public_iam",
                block,
                f"{block.address} gives access to {who} ({text}). Name who needs it, unless it is meant to "
                "be public.",
                attribute,
            )
            if bucket:
                message = (
                    f"{block.address} makes a bucket's content public ({text}). Check that nothing in it "
                    "is private."
                )
                yield flag("public_bucket", block, message, attribute)


def _primitive(block: Block, words: list[tuple[Attribute, str]]) -> Iterator[Finding]:
    for attribute, text in words:
        if text in PRIMITIVE:
            yield flag(
                "iam_primitive_role",
                block,
                f"{block.address} grants {text}, which is nearly everything. Grant the role that is needed.",
                attribute,
            )


def _adoption(block: Block) -> Iterator[Finding]:
    if block.type == "import":
        message = (
            "An import block takes over a resource that exists already. Check that it is yours to change."
        )
        yield flag("adopts_existing", block, message)
    if block.type == "removed":
        message = (
            "A removed block lets go of a resource, which may go on running and costing. Check that it "
            "is meant."
        )
        yield flag("forgets_resource", block, message)
