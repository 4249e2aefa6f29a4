"""A web server on the loopback interface that answers as badly as it is told to."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    """Answers its n-th request with the n-th reply, and all later ones with the last."""

    daemon_threads = True
    url = ""

    def __init__(self, replies: tuple[Reply, ...]):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies = list(replies)
        self.ranges: list[str | None] = []  # header `Range` of each request
        self.hung_up_on = False  # whether a client closed a connection before it had the whole answer
        self.stopped = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/file"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 30

    def do_GET(self) -> None:
        self.server.ranges.append(self.headers["Range"])
        replies = self.server.replies
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        self.close_connection = True
        try:
            reply(self)
        except ConnectionError:
            self.server.hung_up_on = True

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(*replies: Reply) -> Iterator[Server]:
    with Server(replies) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            server.shutdown()
            thread.join()


def whole(content: bytes) -> Reply:
    """A good server: the range that was asked for, or everything."""
    return drops(content, after=len(content))


def drops(content: bytes, after: int) -> Reply:
    """Promises what was asked for, but breaks the connection when `after` bytes of the file have gone out."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        start = _first_byte(handler)
        if start >= len(content):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(content)}")
        elif handler.headers["Range"]:
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            handler.send_response(200)
        handler.send_header("Content-Length", str(max(0, len(content) - start)))
        handler.end_headers()
        handler.wfile.write(content[start:after])
        if after < len(content):
            _reset(handler)

    return reply


def ignores_range(content: bytes, after: int | None = None) -> Reply:
    """Always sends the file from its first byte; breaks the connection when `after` bytes have gone out."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:after])
        if after is not None:
            _reset(handler)

    return reply


def says_no_length(content: bytes) -> Reply:
    """The end of the connection is the end of the file; whether all of it came cannot be seen from the answer."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(content)

    return reply


def stalls(content: bytes, after: int) -> Reply:
    """Sends nothing more after `after` bytes, and keeps the connection open."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:after])
        handler.server.stopped.wait()  # type: ignore[attr-defined]

    return reply


def status(code: int, **headers: str) -> Reply:
    """Answers with a status, headers (`_` for `-`) and no content."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return reply


def _first_byte(handler: BaseHTTPRequestHandler) -> int:
    asked = handler.headers["Range"]
    return int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0


def _reset(handler: BaseHTTPRequestHandler) -> None:
    """Ends the connection as a crashed machine does, not as a polite one."""
    handler.wfile.flush()
    time.sleep(0.02)  # a reset may overtake what was sent
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
