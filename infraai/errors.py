"""Everything that can go wrong, as one tree.

InfraError
├── InputError            what the user gave cannot be used
│   ├── GoalError             a goal that is empty, too long or not text
│   ├── DirectoryError        a directory of Terraform that cannot be read safely
│   ├── SettingsError         a setting that is missing or does not fit
│   ├── AlertError            a body that is no alert we know
│   └── ActionError           an action whose parameters do not fit, or that does not fit its resource
├── NotFoundError         no such run, deployment or artifact
├── AmbiguousError        a name that more than one thing has
├── ConflictError         another run holds the deployment
├── RegistryError         what must be remembered cannot be written or read
├── GuardError            a bundle that the guard refuses was about to reach Terraform
├── StoppedError          the kill-switch is on, or cannot be read
├── ApprovalError         a permission that does not fit what would be done
│   ├── ApprovalUsedError     somebody has decided already
│   ├── ApprovalExpiredError  it came too late
│   └── SealBrokenError       the plan or the state changed since it was given
└── ToolError             a tool outside failed
    ├── TerraformError        `terraform` could not do its work
    │   ├── TerraformMissingError no engine is installed
    │   ├── TerraformTimeoutError a command ran past its time
    │   └── StateLockedError      another command holds the state
    ├── ModelError            the model gave nothing that can be used
    │   ├── ModelUnavailableError down, overloaded or out of quota
    │   ├── ModelTimeoutError     no answer in time
    │   ├── ModelRefusedError     the model, or its safety filter, said no
    │   ├── ModelTruncatedError   the answer was cut off
    │   ├── ModelMalformedError   the answer does not fit the schema
    │   └── ModelUnknownError     the provider has no model of that name
    └── CloudError            Google Cloud, or the sandbox, refused a call
"""


class InfraError(Exception):
    """Something the user is told about: what, why, and what to do next."""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()


class InputError(InfraError):
    """What the user gave cannot be used."""


class GoalError(InputError):
    """The goal is empty, too long or not text."""


class DirectoryError(InputError):
    """The directory of Terraform cannot be read safely."""


class SettingsError(InputError):
    """A setting is missing or does not fit."""


class AlertError(InputError):
    """The body is no alert we know."""


class ActionError(InputError):
    """The action's parameters do not fit, or it does not fit its resource."""


class NotFoundError(InfraError):
    """There is no such run, deployment or artifact."""


class AmbiguousError(InfraError):
    """More than one thing has that name."""


class ConflictError(InfraError):
    """Another run holds the deployment."""


class RegistryError(InfraError):
    """What must be remembered cannot be written or read."""


class GuardError(InfraError):
    """A bundle that the guard refuses was about to reach Terraform."""


class StoppedError(InfraError):
    """The kill-switch is on, or cannot be read."""


class ApprovalError(InfraError):
    """A permission does not fit what would be done."""


class ApprovalUsedError(ApprovalError):
    """Somebody has decided already."""


class ApprovalExpiredError(ApprovalError):
    """The permission came too late."""


class SealBrokenError(ApprovalError):
    """The plan or the state changed since the permission was given."""


class ToolError(InfraError):
    """A tool outside failed."""

    def __init__(self, tool: str, detail: str, *, next_step: str = "") -> None:
        super().__init__(f"{tool}: {detail}", next_step=next_step)
        self.tool = tool
        self.detail = detail


class TerraformError(ToolError):
    """`terraform` could not do its work."""


class TerraformMissingError(TerraformError):
    """No Terraform engine is installed."""


class TerraformTimeoutError(TerraformError):
    """A Terraform command ran past its time."""


class StateLockedError(TerraformError):
    """Another command holds the state."""


class ModelError(ToolError):
    """The model gave nothing that can be used."""


class ModelUnavailableError(ModelError):
    """The model is down, overloaded or out of quota."""


class ModelTimeoutError(ModelError):
    """The model did not answer in time."""


class ModelRefusedError(ModelError):
    """The model, or its safety filter, said no."""


class ModelTruncatedError(ModelError):
    """The model's answer was cut off."""


class ModelMalformedError(ModelError):
    """The model's answer does not fit the schema."""


class ModelUnknownError(ModelError):
    """The provider has no model of that name."""


class CloudError(ToolError):
    """Google Cloud, or the sandbox, refused a call."""
