"""What hands credentials or other people's secrets to the plan, where nobody has approved anything yet.

Data and ephemeral blocks are read while Terraform plans, and whatever they give can be put into the next request.
https://registry.terraform.io/providers/hashicorp/google/latest/docs/data-sources/client_config
"""

import re
from collections.abc import Iterator

from infraai.configuration import Attribute, Block
from infraai.guard.known import Scope
from infraai.guard.material import Material, attributes_of, flag, refuse, type_of
from infraai.models import Finding

_MINTING = re.compile(r"google_\w+_(access_token|id_token|jwt)")
_MINTING_ONCE = frozenset({"google_service_account_key"})  # as ephemeral: as data it is the public half
_OWN_TOKEN = "google_client_config"  # noqa: S105
_HARMLESS = frozenset({"id", "project", "region", "zone", "default_labels"})
_NAMED = 4  # data, type, name, attribute
# what reads a content, and the argument that says whose
_CONTENTS = {
    "google_storage_bucket_object_content": ("bucket", "google_storage_bucket"),
    "google_storage_bucket_object_contents": ("bucket", "google_storage_bucket"),
    "google_secret_manager_secret_version": ("secret", "google_secret_manager_secret"),
    "google_secret_manager_secret_version_access": ("secret", "google_secret_manager_secret"),
    "google_secret_manager_regional_secret_version": ("secret", "google_secret_manager_regional_secret"),
    "google_secret_manager_regional_secret_version_access": (
        "secret",
        "google_secret_manager_regional_secret",
    ),
}


def tokens(material: Material) -> Iterator[Finding]:
    """Yield what makes tokens, uses the caller's own, or reads what is not the bundle's."""
    for block in material.declared:
        kind = type_of(block)
        once = block.type == "ephemeral" and kind in _MINTING_ONCE
        if block.type in {"data", "ephemeral"} and (once or _MINTING.fullmatch(kind)):
            message = (
                f"{block.address} makes a credential while Terraform plans. Remove it: a resource acts as the "
                "service account it is given, without a token in the configuration."
            )
            yield refuse("mints_token", block, message)
        if block.type in {"data", "ephemeral"} and kind in _CONTENTS:
            yield from _foreign(material, block, *_CONTENTS[kind])
    for block in material.everything:
        for inner, attribute in attributes_of(block):
            if not (inner is block and attribute.name == "depends_on"):
                yield from _own_token(block, attribute)


def _own_token(block: Block, attribute: Attribute) -> Iterator[Finding]:
    for reference in attribute.expression.references:
        steps = reference.split(".")
        if steps[0] not in {"data", "ephemeral"} or steps[1:2] != [_OWN_TOKEN]:
            continue
        if len(steps) < _NAMED or steps[3] not in _HARMLESS:
            message = (
                f"{block.address} uses `{reference}`, which holds the access token of whoever runs this. Only "
                "its project, region and zone may be used."
            )
            yield refuse("mints_token", block, message, attribute)


def _foreign(material: Material, block: Block, name: str, kind: str) -> Iterator[Finding]:
    """Flag a read of what no resource of the bundle makes."""
    found = block.attribute(name)
    if found is not None:
        made = [one for one in material.typed(kind) if one.module_path == block.module_path]
        if found.expression.kind == "traversal" and any(
            reference.startswith(f"{one.address}.")
            for reference in found.expression.references
            for one in made
        ):
            return
        texts = material.known.texts(found.expression, Scope(block.module_path, block))
        names = {str(one.literal("name") or one.literal("secret_id") or "") for one in made} - {""}
        if texts and texts <= names:
            return
    message = (
        f"{block.address} reads, while Terraform plans, what this bundle does not make. Check that it is meant "
        "to be read, and where what it says goes."
    )
    yield flag("reads_foreign_data", block, message, found)
