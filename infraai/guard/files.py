"""Files that Terraform reads while it runs: only those of the bundle, and only where that can be shown.

A file that is not there is Terraform's to tell: its directory holds only the bundle and what is named here.

https://developer.hashicorp.com/terraform/language/functions/file: a relative path starts at the root module's
directory, `~` is the home directory of whoever runs Terraform, and `core::file` is the same function.
"""

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from infraai.configuration import Attribute, Block, Call, Expression, Loop
from infraai.guard.known import Scope, Texts
from infraai.guard.material import Material, calls_of, refuse, shown, type_of, unsure
from infraai.models import Finding

READS = frozenset(
    {
        "file",
        "filebase64",
        "filebase64sha256",
        "filebase64sha512",
        "filemd5",
        "filesha1",
        "filesha256",
        "filesha512",
        "templatefile",
    }
)
LOOKS = frozenset({"fileexists", "fileset"})
# Arguments that name a file on the machine Terraform runs on.
LOCAL_PATHS = {
    "google_storage_bucket_object": ("source",),
    "google_apigee_api": ("config_bundle",),
    "google_apigee_sharedflow": ("config_bundle",),
    "google_apigee_keystores_aliases_pkcs12": ("file",),
    "google_storage_object_signed_url": ("credentials",),
}
_OWN = frozenset({".terraform", ".infraai", ".git"})
_ROOTS = frozenset({"path", "local", "var", "each", "count"})
_STATE = frozenset({"terraform.tfstate", "terraform.tfstate.backup", "errored.tfstate"})


def files(material: Material) -> Iterator[Finding]:
    """Yield every read that is not, or cannot be shown to be, of a file in the bundle."""
    for block in material.everything:
        for attribute, call in calls_of(block):
            yield from _call(material, block, attribute, call)
    for block in material.declared:
        for name in LOCAL_PATHS.get(type_of(block), ()):
            found = block.attribute(name)
            if found is not None and found.expression.text != "null":
                yield from _read(material, block, found, f"`{name}`", found.expression)


def plain_name(function: str) -> str:
    """Return a built-in function's name without its optional namespace."""
    return function.removeprefix("core::")


def _call(material: Material, block: Block, at: Attribute, call: Call) -> Iterator[Finding]:
    name = plain_name(call.function)
    if name == "templatestring":
        yield from _template_string(material, block, at, call)
    if name not in READS | LOOKS:
        return
    if not call.arguments:
        yield refuse(
            "file_computed",
            block,
            f"`{name}` is called in {block.address} without a plain path. Name one.",
            at,
        )
        return
    if name == "fileset":
        yield from _fileset(material, block, at, call)
        return
    scope = Scope(block.module_path, block, call.loops)
    yield from _read(material, block, at, f"`{name}`", call.arguments[0], loops=call.loops)
    if name == "templatefile":
        found = {posixpath.normpath(path) for path in material.known.texts(call.arguments[0], scope) or ()}
        if material.known.names.numbered and call.arguments[0].literal is None:
            found |= {one.file for one in material.configuration.templates if one.expression is not None}
        for path in sorted(found):
            yield from _template_file(material, block, at, path)


def _read(
    material: Material,
    block: Block,
    at: Attribute,
    what: str,
    path: Expression,
    *,
    loops: tuple[Loop, ...] = (),
) -> Iterator[Finding]:
    scope = Scope(block.module_path, block, loops)
    texts = None if _shadowed(block, at) else material.known.texts(path, scope)
    if texts is None:
        yield _computed(block, at, what, path)
        return
    yield from _judged(block, at, what, texts)


def _judged(block: Block, at: Attribute, what: str, texts: Texts) -> Iterator[Finding]:
    for text in sorted(texts):
        if escapes(text):
            yield refuse(
                "file_outside",
                block,
                f"{what} in {block.address} reads {text!r}, which is not part of the bundle. Copy it "
                'into the bundle and name it as "${path.module}/NAME".',
                at,
            )


def escapes(text: str) -> bool:
    """Return whether a path leads out of the bundle, or into a directory that is Terraform's own.

    White space at an end may go before the file is opened, so such a path is taken to lead out.
    """
    path = posixpath.normpath(text)
    outside = (
        text.startswith(("/", "~")) or path == ".." or path.startswith("../") or "\\" in text or "\0" in text
    )
    return (
        outside
        or text != text.strip()
        or bool(_OWN & set(path.split("/")))
        or path.endswith((".tfstate", ".tfstate.backup"))
    )


def _computed(block: Block, at: Attribute, what: str, path: Expression) -> Finding:
    return refuse(
        "file_computed",
        block,
        f"{what} in {block.address} reads {shown(path)}, and it cannot be shown that this stays inside "
        'the bundle. Write the path plainly, as "${path.module}/NAME".',
        at,
    )


def _shadowed(block: Block, at: Attribute) -> bool:
    """Return whether a `for` or an iterator took a name that paths are made of."""
    made = [one for one in block.walk() if one.type == "dynamic"]
    iterators = {one.labels[0] for one in made if one.labels}
    for one in made:
        named = one.attribute("iterator")
        if named is not None:
            iterators |= {named.expression.text, str(named.expression.literal)}
    return bool(_ROOTS & (iterators | set(at.expression.bound)))


def _fileset(material: Material, block: Block, at: Attribute, call: Call) -> Iterator[Finding]:
    scope = Scope(block.module_path, block, call.loops)
    known = [None if _shadowed(block, at) else material.known.texts(one, scope) for one in call.arguments]
    folders, patterns = known if len(known) == 2 else (None, None)  # noqa: PLR2004
    if (
        folders is None
        or patterns is None
        or any(_finds_more(one, two) for one in folders for two in patterns)
    ):
        yield _computed(block, at, "`fileset`", call.arguments[-1])
        return
    yield from _judged(block, at, "`fileset`", folders)


def _finds_more(folder: str, pattern: str) -> bool:
    """Return whether a pattern may find what is not of the bundle."""
    first, _, rest = pattern.removeprefix("./").partition("/")
    if ".." in pattern or pattern.startswith("/") or "\\" in pattern:
        return True
    if posixpath.normpath(folder) != ".":
        return False
    loose = re.sub(r"\{[^}]*\}?|\[[^\]]*\]?", "*", first)
    if rest or "**" in first:
        return any(fnmatchcase(name, loose) for name in _OWN)
    return any(fnmatchcase(name, loose) for name in _STATE)


def _template_file(material: Material, block: Block, at: Attribute, path: str) -> Iterator[Finding]:
    """A template is code: what it calls is judged as what the configuration calls."""
    if path in material.bundle.assets or path in material.configuration.files:
        message = f"The template {path!r} is no template: give it as UTF-8 text, in a file of its own."
        yield refuse("file_computed", block, message, at)
    for template in material.configuration.templates:
        if template.file != path:
            continue
        if template.expression is None:
            yield unsure("syntax", block, f"The template {path!r} cannot be read as one. Correct it.", at)
            continue
        for call in template.expression.invocations:
            yield from _inside_template(block, at, path, call)


def _inside_template(block: Block, at: Attribute, file: str, call: Call) -> Iterator[Finding]:
    name = plain_name(call.function)
    path = call.arguments[0].literal if call.arguments else None
    if name.startswith("provider::"):
        yield refuse(
            "foreign_provider", block, f"The template {file!r} calls `{name}`. Call it outside of it.", at
        )
    elif name in {"templatefile", "templatestring", "fileset"} or (
        name in READS | LOOKS and not isinstance(path, str)
    ):
        message = (
            f"The template {file!r} calls `{name}` on what cannot be known beforehand. Pass the text in a "
            "variable."
        )
        yield refuse("file_computed", block, message, at)
    elif name in READS | LOOKS and isinstance(path, str):
        told = f"`{name}` in the template {file!r}"
        yield from _judged(block, at, told, frozenset({path}))


def _template_string(material: Material, block: Block, at: Attribute, call: Call) -> Iterator[Finding]:
    """Only a template that is known, and that reads nothing, may be made from a string."""
    texts = (
        material.known.texts(call.arguments[0], Scope(block.module_path, block, call.loops))
        if call.arguments
        else None
    )
    telling = ("file", "template", "provider")
    if texts is None or any(word in text for text in texts for word in telling):
        yield refuse(
            "file_computed",
            block,
            f"`templatestring` in {block.address} makes a template of what cannot be known beforehand, and "
            "a template "
            "can read files. Use `templatefile` with a file of the bundle.",
            at,
        )
