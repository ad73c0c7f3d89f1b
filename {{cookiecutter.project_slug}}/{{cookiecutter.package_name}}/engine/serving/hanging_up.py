"""Closing the connection to a client that gets its answer before all of its request has arrived.

Otherwise the web server would wait for the rest forever: a client could hold connections at no cost.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY = (b"content-length", b"transfer-encoding")  # a request with one of these headers has a body


class HangUp:
    """Middleware that adds `Connection: close` to an answer that is sent before the body has ended."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application that answers."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not any(name in BODY for name, _ in scope["headers"]):
            await self.app(scope, receive, send)
            return
        waits = True  # whether more of the body is to come

        async def received() -> Message:
            nonlocal waits
            message = await receive()
            waits = message.get("more_body", False)
            return message

        async def closing(message: Message) -> None:
            if waits and message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"connection", b"close")]
            await send(message)

        await self.app(scope, received, closing)
