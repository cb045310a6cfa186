"""Asking a person at the terminal: yes, no, or something else."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from rich.console import RenderableType
from rich.markup import escape

from api.cli.keyboard import typed_line
from api.cli.ops_cards import options_card, parameters
from api.cli.ops_screen import OpsScreen, about
from infraai.errors import InputError
from infraai.operations.shapes import ACTIONS, WIRE_NAMES, Option
from infraai.registry.approvals import Approval

if TYPE_CHECKING:
    from graphs.wiring import System

LOOK_EVERY_S = 0.5
QUESTIONS = {"apply": "Apply this?", "action": "Do this?", "question": "What should be done?"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a person said."""

    decision: Literal["approve", "reject"]
    choice: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Asker:
    """Puts one question at a time, and lets go of it when it is answered elsewhere."""

    system: "System"
    screen: OpsScreen

    async def ask(self, approval: Approval) -> Reply | None:
        """Return the answer; None where somebody else answered, or its time was over. Raises `EOFError`."""
        await self.screen.settled()
        out = self.screen.out
        if approval.run_id not in self.screen.views:  # else it was told as it came about
            out.print(await self._card(approval))
        elif approval.run_id != self.screen.last:  # another one was told since
            out.print(f"\n[bright_black]── {escape(await about(self.system.registry, approval.run_id))}[/]")
        offered = options_of(approval)
        if approval.subject == "question":
            out.print(options_card(offered))
        try:
            while True:
                line = await self._typed(approval, question(approval, offered))
                if line is None:
                    return None
                reply = parsed(line.lower(), approval, offered)
                if isinstance(reply, Reply):
                    return reply
                if reply == "other":
                    out.print(options_card(offered))
                else:
                    out.print(f"  [bright_black]{escape(reply)}[/]")
        finally:
            self.screen.prompt = ""

    async def _card(self, approval: Approval) -> RenderableType:
        from api.cli.approval_card import approval_card

        run = await self.system.registry.runs.get(approval.run_id)
        preview = (await self.system.values(run)).get("preview") if approval.subject == "apply" else None
        return approval_card(approval, preview, asking=True)

    async def _typed(self, approval: Approval, prompt: str) -> str | None:
        """Return a line, or None once the approval does not wait any more."""
        self.screen.prompt = prompt
        self.screen.out.print(prompt, end="")
        line = asyncio.ensure_future(typed_line())
        try:
            while not (await asyncio.wait({line}, timeout=LOOK_EVERY_S))[0]:
                now = await self.system.registry.approvals.expire_if_late(approval.approval_id)
                if now.status != "pending":
                    self.screen.out.print(f"\n  [bright_black]{escape(elsewhere(now))}[/]")
                    return None
            return line.result()
        finally:
            line.cancel()


def question(approval: Approval, offered: Sequence[Option]) -> str:
    """Return the question, as markup."""
    words = f"  [bold]{QUESTIONS[approval.subject]}[/] "
    if approval.subject == "question":
        first = "a number" if len(offered) > 1 else "1"
        return words + (f"[green]{first}[/] does it, " if offered else "") + "[red]no[/] leaves it to you: "
    other = ", [cyan]other[/] shows what else could be done" if offered else ""
    return words + f"[green]yes[/] does it, [red]no[/] rejects{other}: "


def parsed(line: str, approval: Approval, offered: Sequence[Option]) -> Reply | str:
    """Return the reply a line says; `other`, or what to say to a line that is none. Only a whole yes is a yes."""
    if line == "no":
        return Reply(decision="reject")
    if line == "yes" and approval.subject != "question":
        return Reply(decision="approve")
    if line == "other":
        return "other" if offered else "Answer no, and do it by hand: infraai act RESOURCE ACTION --set …"
    head, _, rest = line.partition(" ")
    if head.isdigit() and 1 <= int(head) <= len(offered):
        return _chosen(offered[int(head) - 1], rest.split())
    words = ["yes"] if approval.subject != "question" else []
    words += ["no", f"a number up to {len(offered)} (with name=value to change it)"] if offered else ["no"]
    return f"Please type {' or '.join(words)}; Ctrl-C leaves it open."


def _chosen(option: Option, words: Sequence[str]) -> Reply | str:
    try:
        settings = dict(option.parameters) | pairs(words)
    except InputError as error:
        return str(error)
    return Reply(decision="approve", choice={"action": option.action, "parameters": settings})


def pairs(given: Sequence[str]) -> dict[str, Any]:
    """Return parameters from `name=value` words, a value as JSON where it is some; raise `InputError`."""
    values: dict[str, Any] = {}
    for one in given:
        name, equals, text = one.partition("=")
        if not equals or not name.replace("-", "_").isidentifier():
            raise InputError(f"{one!r} is no name=value.", next_step="Such as machine_type=e2-standard-2.")
        try:
            values[name.replace("-", "_")] = json.loads(text)
        except ValueError:
            values[name.replace("-", "_")] = text
    return values


def arguments_of(approval: Approval) -> Mapping[str, Any]:
    """Return what the person was shown."""
    requests = approval.card.get("action_requests") or [{}]
    found = requests[0].get("args") or approval.card
    return found if isinstance(found, Mapping) else {}


def messages_of(approval: Approval) -> list[str]:
    """Return why it is asked."""
    said = arguments_of(approval)
    return [str(one) for one in said.get("rules") or said.get("messages") or ()]


def options_of(approval: Approval) -> list[Option]:
    """Return what could be done instead, as it was shown."""
    offered = arguments_of(approval).get("options") or ()
    known = [{name: value for name, value in one.items() if name in Option.model_fields} for one in offered]
    return [Option.model_validate(one) for one in known]


def recommended(approval: Approval) -> str:
    """Return the action that a plain yes to a question would do; nothing where it has to be chosen."""
    shown = arguments_of(approval)
    name = str((shown.get("decision") or {}).get("recommended_action") or "")
    return name if name in {*ACTIONS, "ignore"} and not shown.get("note") else ""


def approving(approval: Approval) -> list[tuple[str, str]]:
    """Return each command that approves, exactly, and what it does; of a question one for each option."""
    command = f"infraai approvals approve {approval.approval_id}"
    if approval.subject != "question":
        return [(command, "")]
    plain_yes = [(command, recommended(approval))] if recommended(approval) else []
    options = enumerate(options_of(approval), start=1)
    chosen = [
        (f"{command} --choose O{index}", f"{one.action} {parameters(one.parameters)}".strip())
        for index, one in options
    ]
    return [*plain_yes, *chosen, (f"{command} --choose ignore", "nothing is done")]


def chosen(approval: Approval, choose: str, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what `--choose` says; raise `InputError` where a question needs a choice, or has no such option."""
    if approval.subject != "question":
        return {"action": choose, "parameters": dict(settings)} if choose else None
    offered = options_of(approval)
    ids = {f"O{index}": one for index, one in enumerate(offered, start=1)}
    name = choose.strip()
    plain_name = name.lower().replace("-", "_")
    if name.upper() in ids:
        one = ids[name.upper()]
        return {"action": one.action, "parameters": dict(one.parameters) | dict(settings)}
    if plain_name in {*ACTIONS, *WIRE_NAMES, "ignore"}:
        return {"action": WIRE_NAMES.get(plain_name, plain_name), "parameters": dict(settings)}
    if not name and recommended(approval):
        return None
    said = f"{name!r} is none of the options." if name else "It is a question: say what should be done."
    lines = [f"{command}   {does}" for command, does in approving(approval)]
    raise InputError(said, next_step="\n    ".join(["One of:", *lines]))


def elsewhere(approval: Approval) -> str:
    """Return how a question was answered while it stood here."""
    if approval.decided_by:
        return f"{approval.status} by {approval.decided_by} ({approval.channel})"
    return {"expired": "It expired; nothing was done.", "void": "It is not needed any more."}.get(
        approval.status, approval.status
    )
