"""`hashicorp/null`: resources that do nothing."""

import secrets
from collections.abc import Mapping
from typing import Final

from sandbox.provider.codec import Values
from sandbox.provider.local import Argument, LocalType

_MAP = ["map", "string"]


def _resource(values: Values) -> None:
    values["id"] = str(secrets.randbelow(8 * 10**18) + 10**18)


def _data(values: Values) -> None:
    values["outputs"] = dict(values.get("inputs") or {})
    values["random"] = str(secrets.randbelow(10**18))
    values["has_computed_default"] = values.get("has_computed_default") or "default"
    values["id"] = "static"


NULL_TYPES: Final[Mapping[str, LocalType]] = {
    "null_resource": LocalType(
        arguments={"id": Argument("string", "c"), "triggers": Argument(_MAP, "of")}, make=_resource
    )
}
NULL_DATA: Final[Mapping[str, LocalType]] = {
    "null_data_source": LocalType(
        arguments={
            "id": Argument("string", "c"),
            "inputs": Argument(_MAP, "o"),
            "outputs": Argument(_MAP, "c"),
            "random": Argument("string", "c"),
            "has_computed_default": Argument("string", "oc"),
        },
        make=_data,
    )
}
