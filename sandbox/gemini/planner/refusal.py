"""Goals that are not planned: no infrastructure, another cloud, too vague."""

import re

from sandbox.gemini.planner.everyday import weightless
from sandbox.gemini.planner.language import is_foreign
from sandbox.gemini.planner.reading import Reading
from sandbox.gemini.planner.words import cut
from sandbox.gemini.wire import Json

_MOVED_FROM = ("migrate", "from", "instead", "replace", "leaving")
_BUILDING = re.compile(
    r"\b(?:deploy|host|provision|infra(?:structure)?|terraform|set ?up|spin up|launch|gcp|google cloud|"
    r"cloud platform|stand up|roll out|architecture for|servers?|hosting)\b"
)
_ASKING = re.compile(r"\b(?:make|build|create|want|need|give|help|do|get|start|run|improve|fix|scale|set)\b")
# a question or an exercise, however many technical words it has
_TALK = re.compile(
    r"^\W*(?:(?:please|can you|could you|would you|hey|hi|hello|pls)\W+)*"
    r"(?:write|code|implement|explain|translate|summari[sz]e|solve|calculate|tell|sing|draw|define|compare|"
    r"debug|refactor|review|describe|what|who|whose|when|why|which|is it|are you|"
    r"how (?:do|does|did|is|are|many|much|old|far|tall|big|can)|do you|did you|recommend|list|"
    r"name (?:a|the|three|five)|teach)\b"
)
# orders about what stands already
_OPENING = (
    r"^\W*(?:(?:please|can|could|would|you|pls|hey|hi|hello|i|we|need|want|like|d|to|let|us|s|help|me|have|must|should|"
    r"just|now|kindly|ll|will|im|m|going|gonna|wanna|it|is|time)\W+)*"
)
_STANDING = r"(?:my|our|existing|current|running|present|this|that|these|those|all|every|old)"
_CHANGE = re.compile(
    _OPENING + r"(?:"
    r"(?:resize|update|upgrade|downgrade|modify|rename|patch|reconfigure|tweak|adjust|enlarge|shrink|edit|alter|"
    r"fix|repair|roll ?back|redeploy|reset|empty|unlock)\b|"
    rf"(?:scale|increase|decrease|reduce|expand|grow|extend|double|triple|bump|raise|lower|change|enable|disable|"
    rf"turn (?:on|off)|restore|rotate|stop|pause|resume|detach|swap|secure|harden)\W+(?:\w+\W+){{0,4}}?"
    rf"(?:the|number|size|{_STANDING})\b|"
    rf"(?:add|attach|append|plug|remove|take)\b[^.;!?]*?\b(?:to|on|onto|into|from|off)\s+(?:the\s+)?{_STANDING}\s+"
    r"(?!google|gcp|project)\w+|"
    rf"(?:add|attach)\W+(?:another|one more|a (?:second|third|further)|more|extra|additional)\b[^.;!?]*?\bto\s+the\b|"
    rf"(?:make|get|turn|set|give)\W+(?:the|{_STANDING})\W+(?:\w+\W+){{1,4}}?(?:bigger|larger|faster|smaller|cheaper|"
    r"private|public|more|highly|better|safer|stronger|quicker|off|on|a|an|another)\b|"
    rf"(?:the|{_STANDING})\W+(?:\w+\W+){{1,3}}?(?:needs?|should have|has to have|requires?)\W+"
    r"(?:more|another|a (?:second|third|bigger|larger)|extra|additional|fewer|less)\b|"
    rf"(?:make|take|create|do|run)\W+(?:a|an|another|one)\W+(?:\w+\W+)?(?:backup|snapshot|copy|clone|dump|export)s?\W+"
    rf"of\W+(?:the|{_STANDING})\b|"
    r"(?:delete|destroy|tear down|terminate|shut ?down|restart|reboot|decommission|uninstall|wipe|purge|drop)\b)"
)
_NOT_CODE = re.compile(r"\b(?:terraform|infra(?:structure)?|deploy|provision|host|hcl|gcp|google cloud)\b")


def refuse(reading: Reading) -> Json | None:
    """Return the refusal's fields, None where the goal can be planned."""
    wanted = reading.concepts("capability") + reading.concepts("stack")
    clouds = [one for one in reading.mentions if one.kind == "cloud" and not one.negated]
    if clouds and not _google_meant(reading):
        return _other_cloud([one.concept for one in clouds], [one.text for one in clouds])
    if _TALK.search(reading.text) and not _NOT_CODE.search(reading.text):
        return _not_infrastructure()
    if _changes(reading):
        return _about_what_stands()
    if is_foreign(reading):
        return _in_english(reading.unknown)
    if wanted:
        return None
    return _unclear() if _about_infrastructure(reading) else _not_infrastructure()


def _other_cloud(names: list[str], words: list[str]) -> Json:
    named = " and ".join(dict.fromkeys(names))
    said = ", ".join(repr(word) for word in dict.fromkeys(words))
    return _refusal(
        "other_cloud",
        f"This plans Google Cloud only, and the goal asks for {named} ({said}). "
        'Say what it should do, or add "on Google Cloud", and it is planned there.',
    )


def _not_infrastructure() -> Json:
    return _refusal(
        "not_infrastructure",
        "This is not a request for infrastructure. Describe what should run on Google Cloud, for example "
        "an API for 10k users, a static website, or a PostgreSQL database.",
    )


def _unclear() -> Json:
    return _refusal(
        "unclear",
        "The goal does not say what to build. Name what should run (an API, a website, a database, "
        "a queue …), for how many users, where, and within what budget.",
    )


def _about_what_stands() -> Json:
    return _refusal(
        "unclear",
        "This plans what is to be built anew, and the goal is about something that stands already. To change a "
        "deployment, edit its Terraform and run `infraai apply DIR --deployment ID`; to take it down, run "
        "`infraai destroy`. Or describe the whole of what should be built.",
    )


def _changes(reading: Reading) -> bool:
    """True for orders to change what stands; moving here from another cloud builds anew."""
    return bool(_CHANGE.search(reading.text)) and not reading.wants("migrate")


def _in_english(unknown: list[str]) -> Json:
    named = f" (not understood: {', '.join(dict.fromkeys(unknown))})" if unknown else ""
    return _refusal(
        "unclear",
        f"Too few words of the goal were understood to plan it{named}. In English, please: name what should run "
        "(an API, a website, a database …), for how many users, where, and within what budget.",
    )


def _refusal(kind: str, message: str) -> Json:
    return {"refusal": kind, "refusal_message": message}


def _google_meant(reading: Reading) -> bool:
    """True where another cloud is only where things come from, or what they should be like."""
    return reading.wants("google", "migrate") or any(word in reading.text.split() for word in _MOVED_FROM)


def _about_infrastructure(reading: Reading) -> bool:
    """True where the goal asks for something to be built, whatever that is, and for nothing else."""
    if _BUILDING.search(reading.text):
        return True
    odd = [word for word in reading.unknown if word not in weightless()]
    if reading.concepts("trait") or reading.amounts.spans or reading.sizes.spans:
        return len(odd) <= 2  # noqa: PLR2004
    return (
        bool(_ASKING.search(reading.text))
        and not odd
        and reading.place is None
        and len(cut(reading.text)) > 1
    )
