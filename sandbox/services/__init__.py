"""What each Google product does in the simulated cloud, by Terraform resource type."""

from sandbox.services.registry import service_of
from sandbox.services.service import ApiError, Context, Service

__all__ = ["ApiError", "Context", "Service", "service_of"]
