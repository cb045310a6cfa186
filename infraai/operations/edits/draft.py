"""Writing an edit: what changes in which file, byte for byte, in native and in JSON syntax."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from infraai.blocks.hcl import Written, quoted
from infraai.configuration import Attribute, Block, Expression, Span
from infraai.editing import Edit, apply_edits, attribute_edit, insertion_edit
from infraai.errors import ActionError
from infraai.guard.known import called_module
from infraai.models import Bundle
from infraai.operations.edits.known import Known, Unknown, known, users
from infraai.operations.edits.subject import Subject

Plain = str | int | float | bool
_KEY = re.compile(r'\s*"(?:[^"\\]|\\.)*"\s*:\s*')
_BARE = re.compile(r"[A-Za-z_][\w-]*")
_BY_HAND = "Change the files and run `infraai apply`."


@dataclass(frozen=True, slots=True)
class Edited:
    """The bundle after an edit, what is to be said of it, and the addresses that Terraform has to replace."""

    bundle: Bundle
    notes: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """Edits of a bundle, gathered; `done` makes them."""

    bundle: Bundle
    edits: dict[str, list[Edit]] = field(default_factory=dict[str, list[Edit]])
    notes: list[str] = field(default_factory=list[str])
    replace: list[str] = field(default_factory=list[str])

    def done(self) -> Edited:
        """Return the edited bundle."""
        changed = {file: apply_edits(self.bundle.files[file], edits) for file, edits in self.edits.items()}
        return Edited(self.bundle.with_files(changed), tuple(dict.fromkeys(self.notes)), tuple(self.replace))

    def give(self, subject: Subject, block: Block, name: str, value: Plain) -> None:
        """Give an argument a value: where its literal stands if nothing else uses that, else in place; or add it."""
        found = block.attribute(name)
        if found is None:
            self._add(subject, block, name, value)
        else:
            self.give_expression(subject, found.expression, value, place=found, block=block)

    def give_expression(
        self, subject: Subject, expression: Expression, value: Plain, *, place: Attribute | None, block: Block
    ) -> None:
        """Give an expression a value; `place` is the argument it is all of, if it is one."""
        what = known(expression, block.file, subject.scope)
        if isinstance(what, Unknown):
            raise ActionError(f"{subject.address} cannot be changed: {what.why}.", next_step=_BY_HAND)
        if what.value == value:
            return
        others = [user for hop in what.hops for user in users(hop)[1:]]
        text = rendered(value, what.value, json_syntax=what.file.endswith(".json"))
        if not others:
            self._put(subject, what.file, Edit(*_bounds(self.bundle, what.file, what.span), text), what)
        elif what.each or place is None:
            also = ", ".join(dict.fromkeys(others))
            raise ActionError(
                f"{subject.address} cannot be changed alone: its value is used elsewhere too ({also}).",
                next_step=_BY_HAND,
            )
        else:
            self.notes.append(
                f"{what.hops[0].name} is used elsewhere too and stays; {subject.address} differs now."
            )
            text = rendered(value, what.value, json_syntax=block.file.endswith(".json"))
            span = place.span if block.file.endswith(".json") else expression.span
            self._put(subject, block.file, Edit(*_bounds(self.bundle, block.file, span), text), None)

    def insert(self, subject: Subject, block: Block, inner: Written) -> None:
        """Put a block inside a block."""
        if not block.file.endswith(".json"):
            edit = insertion_edit(self.bundle.files[block.file], block, _with_keys(inner).render())
            return self._put(subject, block.file, edit, None)
        beside = block.attribute(inner.type)
        text = json.dumps(_json_of(inner))
        if beside is None:
            return self._add_json(subject, block, inner.type, f"[{text}]")
        start, end = _bounds(self.bundle, block.file, beside.span)
        old = self.bundle.files[block.file].encode()[start:end].decode()
        items = old.strip()[1:-1].strip() if old.lstrip().startswith("[") else old.strip()
        return self._put(
            subject, block.file, Edit(start, end, f"[{items}{', ' if items else ''}{text}]"), None
        )

    def set_item(self, subject: Subject, block: Block, name: str, key: str, value: str) -> None:
        """Give one key of a map a value; a map that is reckoned is merged with it."""
        found = block.attribute(name)
        json_syntax = block.file.endswith(".json")
        if found is None:
            if json_syntax:
                return self._add_json(subject, block, name, json.dumps({key: value}))
            return self.write(subject, block, name, f"{{ {_key(key)} = {quoted(value)} }}")
        expression = found.expression
        item = expression.item(key)
        if item is not None:
            return self.give_expression(subject, item, value, place=None, block=block)
        if expression.kind == "object":
            edit = self._item_edit(block.file, expression, key, value)
            return self._put(subject, block.file, edit, None)
        return self.write(
            subject, block, name, f"merge({expression.text}, {{ {_key(key)} = {quoted(value)} }})"
        )

    def _item_edit(self, file: str, expression: Expression, key: str, value: str) -> Edit:
        source = self.bundle.files[file].encode()
        start, end = _bounds(self.bundle, file, expression.span)
        if file.endswith(".json"):
            rest = ", " if expression.items else ""
            return Edit(start + 1, start + 1, f"{json.dumps(key)}: {json.dumps(value)}{rest}")
        written = f"{_key(key)} = {quoted(value)}"
        if not expression.items:
            return Edit(start, end, f"{{ {written} }}")
        last = expression.items[-1][1].span
        line_end = source.find(b"\n", last.end, end)
        if line_end < 0:
            return Edit(last.end, last.end, f", {written}")
        line_start = source.rfind(b"\n", 0, last.start) + 1
        line = source[line_start : last.start].decode()
        indent = line[: len(line) - len(line.lstrip())] if start < line_start else "    "
        ending = "\r\n" if source[line_end - 1 : line_end] == b"\r" else "\n"
        return Edit(line_end + 1, line_end + 1, f"{indent}{written}{ending}")

    def write(self, subject: Subject, block: Block, name: str, text: str) -> None:
        """Give an argument this text, as it is written in native syntax, whatever it was."""
        if block.file.endswith(".json"):
            raise ActionError(f"{block.file} is JSON: {name} of {subject.address} cannot be written there.")
        self._put(subject, block.file, attribute_edit(self.bundle.files[block.file], block, name, text), None)

    def change(self, file: str, edit: Edit) -> None:
        """Make an edit that is whoever asks's own."""
        self.edits.setdefault(file, []).append(edit)

    def _add(self, subject: Subject, block: Block, name: str, value: Plain) -> None:
        if block.file.endswith(".json"):
            self._add_json(subject, block, name, json.dumps(value))
        else:
            text = rendered(value, None, json_syntax=False)
            self._put(
                subject, block.file, attribute_edit(self.bundle.files[block.file], block, name, text), None
            )

    def _add_json(self, subject: Subject, block: Block, name: str, text: str) -> None:
        source = self.bundle.files[block.file].encode()
        start, end = _bounds(self.bundle, block.file, block.span)
        opened = source.find(b"{", start, end)
        if source[start:opened].strip() not in {b"", b"["} or _objects(source[start:end]) > 1:
            raise ActionError(f"{subject.address} cannot be changed: {block.file} has a list there.")
        rest = ", " if source[opened + 1 : end].lstrip()[:1] != b"}" else ""
        self._put(
            subject, block.file, Edit(opened + 1, opened + 1, f"{json.dumps(name)}: {text}{rest}"), None
        )

    def _put(self, subject: Subject, file: str, edit: Edit, what: Known | None) -> None:
        self._refuse_shared_module(subject, file)
        if subject.copied and file.rpartition("/")[0] == subject.scope.directory and not (what and what.each):
            self.notes.append(f"{subject.block.address} makes several: all of them change.")
        self.change(file, edit)

    def _refuse_shared_module(self, subject: Subject, file: str) -> None:
        directory = file.rpartition("/")[0]
        calls = [one for one in subject.scope.configuration.of("module") if called_module(one) == directory]
        for through in subject.scope.calls:
            if called_module(through.block) != directory:
                continue
            if len(calls) > 1:
                raise ActionError(
                    f"{subject.address} cannot be changed alone: module {directory} is used {len(calls)} times.",
                    next_step=_BY_HAND,
                )
            if through.copied:
                self.notes.append(
                    f"module {through.block.labels[0]} is made several times: all of them change."
                )


def rendered(value: Plain, old: object, *, json_syntax: bool) -> str:
    """Return a value as written; a number stays text where text stood."""
    if isinstance(old, str) and not isinstance(value, (str, bool)):
        value = str(value)
    if json_syntax:
        return json.dumps(value)
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def _bounds(bundle: Bundle, file: str, span: Span) -> tuple[int, int]:
    """Return where a value stands: in JSON a place includes its key."""
    if not file.endswith(".json"):
        return span.start, span.end
    text = bundle.files[file].encode()[span.start : span.end].decode()
    key = _KEY.match(text)
    return span.start + (len(key[0].encode()) if key else 0), span.end


def _json_of(block: Written) -> Mapping[str, object]:
    made: dict[str, object] = dict(block.attributes)
    for inner in block.blocks:
        made[inner.type] = _json_of(inner)
    return made


def _key(name: str) -> str:
    """Return a key of a map as it is written: bare where it may be."""
    return name if _BARE.fullmatch(name) else quoted(name)


def _with_keys(block: Written) -> Written:
    """Return the block with the keys of its maps as they are written."""
    attributes = {
        name: {_key(key): item for key, item in value.items()} if isinstance(value, Mapping) else value
        for name, value in block.attributes.items()
    }
    return Written(block.type, block.labels, attributes, tuple(_with_keys(one) for one in block.blocks))


def _objects(text: bytes) -> int:
    """Return how many objects a piece of JSON holds at its top."""
    value: object = json.loads(text)
    return len(value) if isinstance(value, list) else 1
