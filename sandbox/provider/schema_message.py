"""The schema as a plugin message, made once in a process for each type."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

from tfplugin_proto import tfplugin5_5_pb2 as pb

from sandbox.provider.functions import ProviderFunction
from sandbox.schema.archive import Attribute, Block, TypeSchema

Kind = Literal["resource", "data"]
_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
_WRITE_ONLY_FIELD = b"\x50\x01"  # Schema.Attribute.write_only = 10, true: newer than the generated module


def provider_schema(
    provider: TypeSchema,
    served: Iterable[tuple[Kind, TypeSchema]],
    functions: Mapping[str, ProviderFunction],
) -> bytes:
    """Return a serialised `GetProviderSchema.Response` for a provider and the types it serves.

    Serialised messages that are joined are merged (protobuf's encoding rules), so each type is made once.
    """
    named = pb.GetProviderSchema.Response(functions=function_messages(functions)).SerializeToString()
    return b"".join([_head(provider), named, *(_type(kind, schema) for kind, schema in served)])


def function_messages(functions: Mapping[str, ProviderFunction]) -> dict[str, Any]:
    """Return the messages of functions of one text."""
    found: dict[str, Any] = {}
    for name, one in functions.items():
        found[name] = pb.Function(summary=one.summary)
        found[name].parameters.add(name=one.parameter, type=b'"string"')
        getattr(found[name], "return").type = b'"string"'
    return found


@cache
def _head_of(name: str, schema: "_Held") -> bytes:
    del name
    response = pb.GetProviderSchema.Response()
    response.provider.block.CopyFrom(_block(schema.schema.block))
    response.server_capabilities.plan_destroy = True
    response.server_capabilities.get_provider_schema_optional = True
    return response.SerializeToString()


@cache
def _type_of(kind: Kind, name: str, schema: "_Held") -> bytes:
    response = pb.GetProviderSchema.Response()
    schemas = response.resource_schemas if kind == "resource" else response.data_source_schemas
    schemas[name].version = schema.schema.version
    schemas[name].block.CopyFrom(_block(schema.schema.block))
    return response.SerializeToString()


class _Held:
    """A schema as a cache's key: the same object is the same key."""

    def __init__(self, schema: TypeSchema) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.schema is self.schema


def _head(provider: TypeSchema) -> bytes:
    return _head_of(provider.name, _Held(provider))


def _type(kind: Kind, schema: TypeSchema) -> bytes:
    return _type_of(kind, schema.name, _Held(schema))


def _block(block: Block) -> Any:
    message = pb.Schema.Block()
    for name, attribute in block.attributes.items():
        _add_attribute(message, name, attribute)
    for name, nested in block.blocks.items():
        added = message.block_types.add(
            type_name=name,
            nesting=_NESTING[nested.nesting],
            min_items=nested.min_items,
            max_items=nested.max_items,
        )
        added.block.CopyFrom(_block(nested.block))
    return message


def _add_attribute(message: Any, name: str, attribute: Attribute) -> None:
    added = message.attributes.add(
        name=name,
        type=json.dumps(attribute.type, separators=(",", ":")).encode(),
        required=attribute.required,
        optional=attribute.optional,
        computed=attribute.computed,
        sensitive=attribute.sensitive,
    )
    if attribute.write_only:
        added.MergeFromString(_WRITE_ONLY_FIELD)
