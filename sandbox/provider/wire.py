"""Terraform's plugin protocol 5 over gRPC, for a `Provider`."""

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import grpc
from google.protobuf import message_factory
from tfplugin_proto import tfplugin5_5_pb2 as pb

from sandbox.provider.codec import UNKNOWN, Fault, Refused, Values, conform, decode, encode
from sandbox.provider.provider import Failure, Provider, Session
from sandbox.provider.schema_message import Kind, function_messages, provider_schema
from sandbox.schema.archive import TypeSchema

_SERVICE = "tfplugin5.Provider"


class ProviderWire:
    """Answers one Terraform command; each connection (a provider block, or an alias) has its own session."""

    def __init__(self, provider: Provider, types: Iterable[str]) -> None:
        self._provider = provider
        self._types = tuple(types)
        self._sessions: dict[str, Session] = {}
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Ask what is under way to end."""
        self._stopped.set()

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        """Return the gRPC services a plugin has: the provider, and go-plugin's controller and stdio."""
        calls: dict[str, Callable[[Any, str], Any]] = {
            "PrepareProviderConfig": lambda r, _: pb.PrepareProviderConfig.Response(prepared_config=r.config),
            "Configure": self._configure,
            "ValidateResourceTypeConfig": lambda r, peer: self._validate("resource", r, peer),
            "ValidateDataSourceConfig": lambda r, peer: self._validate("data", r, peer),
            "UpgradeResourceState": self._upgrade,
            "ReadResource": self._read,
            "PlanResourceChange": self._plan,
            "ApplyResourceChange": self._apply,
            "ImportResourceState": self._import,
            "ReadDataSource": self._read_data,
            "GetFunctions": self._functions,
            "CallFunction": self._call,
            "Stop": self._stop,
        }
        methods = {
            method.name: _rpc(
                calls[method.name], message_factory.GetMessageClass(method.input_type).FromString
            )
            for method in pb.DESCRIPTOR.services_by_name["Provider"].methods
            if method.name in calls
        }
        methods["GetSchema"] = grpc.unary_unary_rpc_method_handler(lambda *_: self._schema())
        return [
            grpc.method_handlers_generic_handler(_SERVICE, methods),
            grpc.method_handlers_generic_handler(
                "plugin.GRPCController", {"Shutdown": grpc.unary_unary_rpc_method_handler(lambda *_: b"")}
            ),
            grpc.method_handlers_generic_handler(
                "plugin.GRPCStdio", {"StreamStdio": grpc.unary_stream_rpc_method_handler(lambda *_: iter(()))}
            ),
        ]

    def _schema(self) -> bytes:
        served: list[tuple[Kind, TypeSchema]] = []
        for name in self._types:
            if resource := self._provider.resource(name):
                served.append(("resource", resource))
            if data := self._provider.data_source(name):
                served.append(("data", data))
        return provider_schema(self._provider.schema, served, self._provider.functions)

    def _session(self, peer: str) -> Session:
        if peer not in self._sessions:
            self._sessions[peer] = self._provider.configure({})
        return self._sessions[peer]

    def _configure(self, request: Any, peer: str) -> Any:
        config = decode(request.config) or {}
        known = {name: value for name, value in config.items() if value is not UNKNOWN}
        self._sessions[peer] = self._provider.configure(known)
        return pb.Configure.Response()

    def _validate(self, kind: Kind, request: Any, peer: str) -> Any:
        response = (
            pb.ValidateResourceTypeConfig.Response()
            if kind == "resource"
            else pb.ValidateDataSourceConfig.Response()
        )
        _report(response, self._session(peer).validate(kind, request.type_name, decode(request.config)))
        return response

    def _upgrade(self, request: Any, peer: str) -> Any:
        del peer
        schema = self._provider.resource(request.type_name)
        assert schema is not None, request.type_name
        raw = json.loads(request.raw_state.json)
        return pb.UpgradeResourceState.Response(upgraded_state=encode(conform(schema.block, raw)))

    def _read(self, request: Any, peer: str) -> Any:
        response = pb.ReadResource.Response(private=request.private)
        current = decode(request.current_state)
        with _refusals(response):
            values = self._session(peer).read(request.type_name, current)
            response.new_state.CopyFrom(encode(values))
        return response

    def _plan(self, request: Any, peer: str) -> Any:
        response = pb.PlanResourceChange.Response(
            legacy_type_system=True, planned_private=request.prior_private
        )
        prior, proposed, config = map(
            decode, (request.prior_state, request.proposed_new_state, request.config)
        )
        with _refusals(response):
            plan = self._session(peer).plan(request.type_name, prior, proposed, config)
            response.planned_state.CopyFrom(encode(plan.values))
            for path in plan.replace:
                _add_steps(response.requires_replace.add(), path)
        return response

    def _apply(self, request: Any, peer: str) -> Any:
        response = pb.ApplyResourceChange.Response(legacy_type_system=True, private=request.planned_private)
        prior, planned, config = map(decode, (request.prior_state, request.planned_state, request.config))
        try:
            session = self._session(peer)
            values = session.apply(request.type_name, prior, planned, config, self._stopped.is_set)
        except Failure as failure:
            values = failure.values
            _report(response, failure.faults)
        response.new_state.CopyFrom(encode(values))
        return response

    def _import(self, request: Any, peer: str) -> Any:
        response = pb.ImportResourceState.Response()
        with _refusals(response):
            for one in self._session(peer).take_over(request.type_name, request.id):
                response.imported_resources.add(type_name=one.type, state=encode(one.values))
        return response

    def _read_data(self, request: Any, peer: str) -> Any:
        response = pb.ReadDataSource.Response()
        with _refusals(response):
            values: Values = self._session(peer).read_data(request.type_name, decode(request.config))
            response.state.CopyFrom(encode(values))
        return response

    def _functions(self, request: Any, peer: str) -> Any:
        del request, peer
        return pb.GetFunctions.Response(functions=function_messages(self._provider.functions))

    def _call(self, request: Any, peer: str) -> Any:
        """Return a function's result, or what it cannot read.

        The generated module is older than `FunctionError {text = 1}` in `error = 2`; `DynamicValue`, whose
        fields 1 and 2 are bytes, is the same on the wire.
        """
        del peer
        try:
            said = self._provider.functions[request.name].call(decode(request.arguments[0]))
        except ValueError as error:
            text = pb.DynamicValue(msgpack=str(error).encode())
            return pb.DynamicValue(json=text.SerializeToString())
        return pb.CallFunction.Response(result=encode(said))

    def _stop(self, request: Any, peer: str) -> Any:
        del request, peer
        self.stop()
        return pb.Stop.Response()


class _refusals:  # noqa: N801 - reads as a statement: with _refusals(response)
    """Puts a `Refused` into the response."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Refused):
            _report(self._response, error.faults)
            return True
        return False


def _rpc(call: Callable[[Any, str], Any], parse: Callable[[bytes], Any]) -> Any:
    def answer(request: Any, context: grpc.ServicerContext) -> bytes:
        response: bytes = call(request, context.peer()).SerializeToString()
        return response

    return grpc.unary_unary_rpc_method_handler(answer, request_deserializer=parse)


def _report(response: Any, faults: Sequence[Fault]) -> None:
    for fault in faults:
        added = response.diagnostics.add(
            severity=2 if fault.warning else 1, summary=fault.summary, detail=fault.detail
        )
        _add_steps(added.attribute, fault.path)


def _add_steps(message: Any, path: Sequence[str | int]) -> None:
    for step in path:
        if isinstance(step, int):
            message.steps.add(element_key_int=step)
        else:
            message.steps.add(attribute_name=step)
