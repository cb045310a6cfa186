"""The command line."""


def main() -> None:
    """Run `infraai`."""
    from api.cli.app import app

    app()
