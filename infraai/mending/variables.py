"""Variables: not declared, declared without a value, or with a default that does not fit."""

import re

from infraai.configuration import Block
from infraai.mending.fault import Fault, Mend
from infraai.mending.nearest import nearest
from infraai.mending.text import add_to_body, append, home_of, replace
from infraai.mending.types import follow
from infraai.mending.usage import default_of, is_secret, type_of
from infraai.mending.values import fitted

_UNDECLARED = re.compile(r'An input variable with the name "([\w-]+)" has not been declared')
_NO_VALUE = re.compile(r'input variable "([\w-]+)" is not set, and has no default value')
_WANTED = re.compile(r"type constraint: (?:an? (\w+) is|(.+?)) required")


def mend_undeclared_variable(fault: Fault) -> Mend | None:
    """Put the declared variable that was meant, or declare this one by how it is used."""
    found = _UNDECLARED.search(fault.words)
    if not found:
        return None
    name = found[1]
    declared = [one.labels[0] for one in fault.siblings("variable") if one.labels]
    if new := nearest(name, declared):
        return Mend(tuple(follow(fault, f"var.{name}", f"var.{new}")), f"var.{name} → var.{new}")
    for block in fault.siblings("locals"):
        if block.attribute(name):
            return Mend(tuple(follow(fault, f"var.{name}", f"local.{name}")), f"var.{name} → local.{name}")
    text = declaration(fault, name)
    return Mend(
        (append(fault.bundle, home_of(fault.bundle, fault.file, "variables.tf"), text),),
        f"variable {name} declared",
    )


def declaration(fault: Fault, name: str) -> str:
    """Return a variable block whose type follows from its use, with a default where one is safe."""
    kind = type_of(fault, name)
    lines = [f"type = {kind}"]
    if default := default_of(fault, name, kind):
        lines = [f"type    = {kind}", f"default = {default}"]
    elif is_secret(fault, name):
        lines = [f"type      = {kind}", "sensitive = true"]
    return f'variable "{name}" {{\n' + "".join(f"  {line}\n" for line in lines) + "}\n"


def mend_no_value(fault: Fault) -> Mend | None:
    """Give a required variable a default, where its name and use make one certain."""
    found = _NO_VALUE.search(fault.words)
    block = _declared(fault, found[1]) if found else None
    if block is None or block.attribute("default"):
        return None
    name = block.labels[0]
    own = block.attribute("type")
    value = default_of(fault, name, own.expression.text if own else type_of(fault, name))
    if not value:
        return None
    line = f"default = {value}"
    return Mend(
        (add_to_body(block, [line], fault.bundle.files[block.file].encode()),), f"{line} for variable {name}"
    )


def _declared(fault: Fault, name: str) -> Block | None:
    return next((one for one in fault.in_module("variable", "") if one.labels == (name,)), None)


def mend_default(fault: Fault) -> Mend | None:
    """Write a default as the variable's own type wants it."""
    if "Invalid default value for variable" not in fault.words:
        return None
    wanted = _WANTED.search(fault.words)
    attribute = fault.attribute_at("default") or (fault.block.attribute("default") if fault.block else None)
    if not wanted or attribute is None:
        return None
    text = fitted(attribute.expression, wanted[1] or wanted[2], "")
    if text is None:
        return None
    block = fault.block
    assert block is not None
    return Mend(
        (replace(fault.file, attribute.expression.span, text),), f"default of {block.address}: {text}"
    )
