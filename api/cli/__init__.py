"""The command line."""

import os


def main() -> None:
    """Run `infraai`."""
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # its own chatter is none of the person's business
    from api.cli.app import app

    app()
