"""Goals that are not planned: no infrastructure, another cloud, too vague."""

from sandbox.gemini.planner.reading import Reading
from sandbox.gemini.wire import Json

_MOVED_FROM = ("migrate", "from", "instead", "replace", "leaving")


def refuse(reading: Reading) -> Json | None:
    """Return the refusal's fields, None where the goal can be planned."""
    wanted = reading.concepts("capability") + reading.concepts("stack")
    clouds = [one for one in reading.mentions if one.kind == "cloud" and not one.negated]
    if clouds and not _google_meant(reading):
        names = sorted({one.concept for one in clouds})
        return _refusal(
            "other_cloud",
            f"This plans Google Cloud only, and the goal asks for {' and '.join(names)} "
            f"({', '.join(repr(one.text) for one in clouds)}). Say what it should do, and it is planned on Google Cloud.",
        )
    if wanted:
        return None
    if _about_infrastructure(reading):
        return _refusal(
            "unclear",
            "The goal does not say what to build. Name what should run (an API, a website, a database, a queue ...), "
            "for how many users, where, and within what budget.",
        )
    return _refusal(
        "not_infrastructure",
        "This is not a request for infrastructure. Describe what should run on Google Cloud, for example "
        "an API for 10k users, a static website, or a PostgreSQL database.",
    )


def _refusal(kind: str, message: str) -> Json:
    return {"refusal": kind, "refusal_message": message}


def _google_meant(reading: Reading) -> bool:
    """True where another cloud is only where things come from, or what they should be like."""
    return reading.wants("google", "migrate") or any(word in reading.text.split() for word in _MOVED_FROM)


def _about_infrastructure(reading: Reading) -> bool:
    if reading.concepts("trait") or reading.amounts.spans or reading.place or reading.sizes.spans:
        return True
    return (
        reading.says(
            "deploy",
            "infrastructure",
            "infra",
            "cloud",
            "provision",
            "host",
            "terraform",
            "scale",
            "platform",
            "environment",
            "make",
        )
        and len(reading.unknown) <= 2
    )  # noqa: PLR2004
