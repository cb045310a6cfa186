"""Lines typed at the terminal, read without holding anything else up."""

import asyncio
import sys


async def typed_line() -> str:
    """Return the next line, stripped; raise `EOFError` at the input's end. Cancelling leaves nothing behind."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        text = sys.stdin.readline()
        if answer.done():
            return
        if text:
            answer.set_result(text.strip())
        else:
            answer.set_exception(EOFError())

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        return await answer
    finally:
        loop.remove_reader(sys.stdin.fileno())
