"""The command line."""

import os

os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # its own chatter is none of the person's business


def main() -> None:
    """Run `infraai`."""
    from api.cli.app import app

    app()
