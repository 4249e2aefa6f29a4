"""The download site of Cityscapes on the loopback interface, as the owner's program (`csDownload`) meets it.

A form at /login that sets a session cookie and answers the right account with a redirect; behind it a list of packages,
and their md5 and content by number. Who is not logged in is sent to the form.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests

OWNER = "https://www.cityscapes-dataset.com"
FORM = (
    b"<html><form method=post>Username <input name=username> Password <input name=password type=password></form></html>"
)

# Put first on the path of a program of ours, this leads it to the loopback interface; the program stays as it is.
SITECUSTOMIZE = """\
import os
import requests

asked = requests.Session.request
def request(self, method, url, **options):
    return asked(self, method, url.replace({owner!r}, os.environ["LOOPBACK_SITE"]), **options)
requests.Session.request = request
"""


class Site(ThreadingHTTPServer):
    """The site, one account, and packages by name; numbers are given from 1."""

    daemon_threads = True

    def __init__(self, username: str, password: str, packages: dict[str, bytes]):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.account = (username, password)
        self.packages = packages
        self.sessions: set[str] = set()
        self.asked: list[str] = []  # method, path, and range if there was one, of each request
        self.breaks_after: int | None = None  # bytes of the next download after which the connection breaks, once
        self.logs_out_before = "nothing"  # the page that ends a session
        self.md5 = {name: hashlib.md5(content).hexdigest() for name, content in packages.items()}  # noqa: S324
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Site
    timeout = 30

    def do_GET(self) -> None:
        self._note()
        place = urlsplit(self.path)
        if place.path == self.server.logs_out_before:
            self.server.sessions.clear()
        number = parse_qs(place.query).get("packageID", ["0"])[0]
        if place.path == "/login":
            self._answer(FORM, Set_Cookie="PHPSESSID=guest; path=/; HttpOnly")
        elif self._session() not in self.server.sessions:
            self._answer(b"", 302, Location="/login")
        elif self.path == "/downloads/?list":
            listed = [
                {"name": name, "packageID": str(i), "size": "1KB", "thirdparty": "0"}
                for i, name in enumerate(self.server.packages, 1)
            ]
            self._answer(json.dumps(listed).encode())
        else:
            name = list(self.server.packages)[int(number) - 1]
            if place.path == "/md5-sum/":
                self._answer(f"{self.server.md5[name]}  {name}\n".encode())
            elif place.path == "/file-handling/":
                self._send(self.server.packages[name])

    def do_POST(self) -> None:
        self._note()
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        given = fields.get("username", [""])[0], fields.get("password", [""])[0]
        if self._session() == "guest" and given == self.server.account and fields.get("submit") == ["Login"]:
            self.server.sessions.add("member")
            self._answer(b"", 302, Location="/downloads/", Set_Cookie="PHPSESSID=member; path=/; HttpOnly")
        else:
            self._answer(FORM)

    def log_message(self, *args: object) -> None:
        pass

    def _note(self) -> None:
        self.server.asked.append(" ".join(filter(None, (self.command, self.path, self.headers["Range"]))))

    def _session(self) -> str:
        cookie = SimpleCookie(self.headers["Cookie"] or "").get("PHPSESSID")
        return cookie.value if cookie else ""

    def _answer(self, content: bytes, code: int = 200, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _send(self, content: bytes) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        start = int(asked[1]) if asked else 0
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end, self.server.breaks_after = self.server.breaks_after, None
        self.wfile.write(content[start:end])
        self.close_connection = True


@contextmanager
def cityscapes_site(username: str, password: str, packages: dict[str, bytes]) -> Iterator[Site]:
    with Site(username, password, packages) as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join()


def lead_to(site: Site, monkeypatch) -> None:
    """Leads requests of this process for the owner's address to the site."""
    request = requests.Session.request
    monkeypatch.setattr(
        requests.Session,
        "request",
        lambda self, method, url, **options: request(self, method, url.replace(OWNER, site.url), **options),
    )


def environment_for(site: Site, folder: Path) -> dict[str, str]:
    """Variables that lead a program to the site; PYTHONPATH has to be continued with the path of the program."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SITECUSTOMIZE.format(owner=OWNER))
    return {"LOOPBACK_SITE": site.url, "PYTHONPATH": str(folder)}
