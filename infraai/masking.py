"""Tokens and keys in a text: found by their own form, and masked before the text goes anywhere."""

import re
from collections.abc import Iterator
from typing import Any

# What these look like is public: each issuer documents the form, so that scanners can find them.
KNOWN = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("a private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
        ("a Google API key", r"\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])"),
        ("a Google OAuth token", r"\bya29\.[0-9A-Za-z_-]{20,}"),
        ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
        ("a GitHub token", r"\b(?:gh[pousr]_[0-9A-Za-z]{30,}|github_pat_\w{40,})"),
        ("a GitLab token", r"\bglpat-[\w-]{20,}"),
        ("a Slack token", r"\bxox[abprs]-[0-9A-Za-z-]{10,}"),
        ("a Stripe key", r"\b[rs]k_live_[0-9A-Za-z]{16,}"),
        ("a SendGrid key", r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
        ("a JSON web token", r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
        (
            "a password in an address",
            r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@$]{1,64}:(?!\$|%\{|<)[^\s:/@$]{3,}@[\w.\[$-]",
        ),
    )
)
ANY_KNOWN = re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in KNOWN))
# all of a key, in one line with its newlines escaped too; to the end where its own end is cut off
_WHOLE_KEY = (
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
    r"(?:(?!-----BEGIN )[\s\S])*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|\Z)"
)
_IN_ADDRESS = r"(?<=://)[^\s:/@$]{1,64}:(?!\$|%\{|<)[^\s:/@$]{3,}(?=@[\w.\[$-])"
_WHOLE = {"a private key": _WHOLE_KEY, "a password in an address": _IN_ADDRESS}
_PATTERNS = tuple((name, re.compile(_WHOLE.get(name, pattern.pattern))) for name, pattern in KNOWN)
_TELLING = re.compile(
    r"PRIVATE KEY|AIza|ya29\.|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox|k_live_|SG\.|eyJ|://"
)

NOT_SHOWN = "[not shown]"
_PRIVATE = re.compile(  # a name whose value is nobody's business
    r"(?i)passw|passphrase|secret|token|credential|private_?key|startup[_-]?script|user[_-]?data|custom[_-]?data"
    r"|cloud[_-]?init|(?:^|[_./-])(?:pass|pwd|pw|psk|pin|salt|hmac|dsn|auth|authorization)(?:[_./-]|\d*$)"
    r"|keys?[_-]?\d*$|script$"
)
_SAID_OF_ONE = re.compile(
    r"(?i)[_-](?:ids?|names?|version|project|location|region|count|length|size|ttl|policy|enabled)$"
)
_ASSIGNED = re.compile(
    r"(?i)(?P<name>[\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|credentials?))(?P<sign>[\"']?\s*(?:=|:|%3d)\s*)(?P<value>\"[^\"]+\"|'[^']+'|[^\s&,;\"'}\]]{3,})"
)


def is_private(name: str) -> bool:
    """Return whether what has this name is not to be shown: a password, a token, a key, the text of a script."""
    return bool(_PRIVATE.search(name)) and not _SAID_OF_ONE.search(name)


def conceal_text(text: str) -> str:
    """Return the text without tokens and keys of a known form, and without what it says a password or token is."""
    told = _ASSIGNED.sub(lambda found: f"{found['name']}{found['sign']}{NOT_SHOWN}", text)
    return mask(told)


def conceal(value: Any) -> Any:
    """Return a value of lists, dicts and scalars without its secrets: by their names, and by their form."""
    if isinstance(value, str):
        return conceal_text(value)
    if isinstance(value, list | tuple):
        return [conceal(one) for one in value]
    if not isinstance(value, dict):
        return value
    named = value.get("name") or value.get("key")
    hidden = {"value"} if isinstance(named, str) and "value" in value and is_private(named) else set[str]()
    return {
        conceal_text(str(key)): _hidden(one) if key in hidden or is_private(str(key)) else conceal(one)
        for key, one in value.items()
    }


def _hidden(value: Any) -> Any:
    return value if value in (None, "", (), []) or isinstance(value, bool) else NOT_SHOWN


def mask(text: str) -> str:
    """Return the text with a mark such as `[masked: a Google API key 1]` in each token's place."""
    for mark, secret in _marks(text):
        text = text.replace(secret, mark)
    return text


def restore(text: str, original: str) -> str:
    """Return a text written after `mask(original)` with what its marks stand for."""
    for mark, secret in _marks(original):
        text = text.replace(mark, secret)
    return text


def mask_all(value: object) -> object:
    """Return a value of lists, dicts and scalars with every text in it masked, keys too."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {mask_all(key): mask_all(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [mask_all(one) for one in value]
    return value


def _marks(text: str) -> Iterator[tuple[str, str]]:
    """Yield each secret once, with the mark that stands for it in this text; the longest first."""
    if not _TELLING.search(text):
        return
    found: dict[str, str] = {}
    for name, pattern in _PATTERNS:
        secrets = dict.fromkeys(one.group() for one in pattern.finditer(text))
        for number, secret in enumerate(secrets, start=1):
            found.setdefault(secret, f"[masked: {name} {number}]")
    for secret in sorted(found, key=len, reverse=True):
        yield found[secret], secret
