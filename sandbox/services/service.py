"""What a resource type does in the simulated cloud, beyond what its schema says."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

Values = dict[str, Any]
Path = tuple[str | int, ...]


class ApiError(Exception):
    """An answer of Google's API that is not a success; `str()` is the text the provider prints."""

    def __init__(self, code: int, message: str, reason: str = "", *, raw: bool = False) -> None:
        self.code = code
        self.reason = reason
        self.message = message
        self.raw = raw  # the provider's own words, without `googleapi: Error`
        super().__init__(
            message if raw else f"googleapi: Error {code}: {message}{', ' + reason if reason else ''}"
        )


@dataclass(frozen=True, slots=True)
class Context:
    """What a service may look at: the cloud, the provider's configuration, the time."""

    cloud: "Cloud"
    project: str
    region: str
    zone: str
    now: datetime
    resource_type: str

    def fill(self, values: Values, attribute: str, value: object) -> None:
        """Set a top-level attribute that was left to Google."""
        if self.given(values, attribute) is None:
            values[attribute] = value

    @staticmethod
    def given(values: Values, *path: str | int) -> Any:
        """Return the value at a path; None where it is empty, which is: left to Google."""
        value = at(values, *path)
        return None if value in ("", [], {}) else value


class Service:
    """The default: all is accepted, computed values are made up from the schema. Override what differs.

    Values are the resource's attributes by their Terraform names; blocks are lists of dicts. A value that is
    not known yet is `sandbox.provider.codec.UNKNOWN` in `customise`, and never in the others.
    """

    def validate(self, config: Values) -> list[tuple[str, str, Path]]:
        """Return (summary, detail, attribute path) for each fault the provider finds at validate time."""
        del config
        return []

    def customise(
        self, context: Context, prior: Values | None, planned: Values, config: Values
    ) -> list[Path]:
        """Change `planned` in place as the provider's CustomizeDiff would; return more paths that replace.

        Raises `ApiError(raw=True)` for what the provider refuses at plan time.
        """
        del context, prior, planned, config
        return []

    def create(self, context: Context, values: Values) -> None:
        """Check as the API would (raise `ApiError`), and set in place what the API decides."""
        del context, values

    def update(self, context: Context, prior: Values, values: Values) -> None:
        """As `create`, for a change in place."""
        del context, prior, values

    def delete(self, context: Context, values: Values) -> None:
        """Raise `ApiError` where the API would refuse to delete."""
        del context, values

    def read(self, context: Context, values: Values) -> None:
        """Refresh in place what changes by itself, such as an instance's `current_status`."""
        del context, values


def at(values: Any, *path: str | int) -> Any:
    """Return the value at a path of attribute names and block positions, None where the path ends early."""
    for step in path:
        if isinstance(values, dict) and isinstance(step, str):
            values = values.get(step)
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            return None
    return values
