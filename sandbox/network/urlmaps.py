"""Where a URL map sends a request: https://cloud.google.com/load-balancing/docs/url-map-concepts."""

import fnmatch
import re
from dataclasses import dataclass

from sandbox.network.proxy import Visit
from sandbox.network.view import Values, block, blocks, texts

_REDIRECTS = {
    "MOVED_PERMANENTLY_DEFAULT": 301,
    "FOUND": 302,
    "SEE_OTHER": 303,
    "TEMPORARY_REDIRECT": 307,
    "PERMANENT_REDIRECT": 308,
}


@dataclass(frozen=True, slots=True)
class Redirect:
    """The load balancer itself sends the visitor elsewhere."""

    status: int
    location: str


def route(url_map: Values, visit: Visit) -> Redirect | str:
    """Return the redirect, or the backend's reference ("" where there is none)."""
    matcher = _matcher(url_map, visit.host)
    if matcher is None:
        return _to(url_map, visit, "default_")
    path = visit.path.partition("?")[0]
    for rule in sorted(blocks(matcher, "route_rules"), key=lambda one: int(one.get("priority") or 0)):
        if any(_matches(match, path) for match in blocks(rule, "match_rules")):
            return _to(rule, visit)
    candidates = [
        (len(pattern.rstrip("*")), not pattern.endswith("*"), place)
        for place, rule in enumerate(blocks(matcher, "path_rule"))
        for pattern in texts(rule.get("paths"))
        if _path_matches(pattern, path)
    ]
    if candidates:
        return _to(blocks(matcher, "path_rule")[max(candidates)[2]], visit)
    return _to(matcher, visit, "default_")


def _matcher(url_map: Values, host: str) -> Values | None:
    for rule in blocks(url_map, "host_rule"):
        if any(fnmatch.fnmatchcase(host, pattern) for pattern in texts(rule.get("hosts"))):
            wanted = rule.get("path_matcher")
            return next((one for one in blocks(url_map, "path_matcher") if one.get("name") == wanted), None)
    return None


def _to(rule: Values, visit: Visit, prefix: str = "") -> Redirect | str:
    found = block(rule, f"{prefix}url_redirect")
    if found:
        return _redirect(found, visit)
    weighted = blocks(
        block(rule, f"{prefix}route_action") or block(rule, "route_action"), "weighted_backend_services"
    )
    heaviest = max(weighted, key=lambda one: int(one.get("weight") or 0), default={})
    return str(rule.get(f"{prefix}service") or heaviest.get("backend_service") or "")


def _redirect(rule: Values, visit: Visit) -> Redirect:
    scheme = "https" if rule.get("https_redirect") else visit.scheme
    host = str(rule.get("host_redirect") or visit.host)
    path, _, query = visit.path.partition("?")
    path = str(rule.get("path_redirect") or f"{rule.get('prefix_redirect') or ''}{path}")
    tail = "" if rule.get("strip_query") or not query else f"?{query}"
    code = _REDIRECTS.get(str(rule.get("redirect_response_code") or ""), 301)
    return Redirect(code, f"{scheme}://{host}{path}{tail}")


def _path_matches(pattern: str, path: str) -> bool:
    if pattern.endswith("/*"):
        return path == pattern[:-2] or path.startswith(pattern[:-1])
    return path == pattern


def _matches(match: Values, path: str) -> bool:
    if match.get("prefix_match"):
        return path.startswith(str(match["prefix_match"]))
    if match.get("full_path_match"):
        return path == str(match["full_path_match"])
    if match.get("regex_match"):
        return re.fullmatch(str(match["regex_match"]), path) is not None
    if match.get("path_template_match"):
        pattern = re.sub(r"\{[^}]*\}", "*", str(match["path_template_match"]))
        return fnmatch.fnmatchcase(path, pattern)
    return True
