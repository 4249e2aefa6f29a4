"""One file over HTTP, going on after the bytes that are already there."""

import re
from pathlib import Path

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3 import Retry

from segrepro.hashes import byte_bar

# Small, because a connection that breaks loses the chunk that was being read.
_CHUNK = 1 << 16
_TIMEOUT_S = (15.0, 60.0)  # to connect; between two chunks
_BACKOFF_S = 0.5  # doubles with each attempt
_ATTEMPTS_WITHOUT_PROGRESS = 3


class DownloadError(Exception):
    """Why an address did not give the file."""


class WrongFileError(DownloadError):
    """How the file that an address gives differs from the one that the manifest names."""


def download(url: str, part: Path, sizes: range, cookies: RequestsCookieJar | None = None) -> bool:
    """Fetches an address into a file, after what an earlier attempt left in it.

    A connection that breaks is taken up again by a range request for as long as attempts bring new bytes. A server that
    ignores or misunderstands the range is asked for the whole file.

    Args:
        url: an http or https address.
        part: the file to fill; may hold the beginning already. What came is kept when the download fails.
        sizes: the sizes in bytes that the whole file may have.
        cookies: of a login that the address asks for.

    Returns:
        Whether the file came in one piece; if not, pieces of different contents may have been put together.

    Raises:
        DownloadError: the address does not answer, refuses, or offers a file of another size.
    """
    furthest, failures = _size(part), 0
    with _session() as session:
        session.cookies.update(cookies or {})
        while True:
            try:
                return _receive(session, url, part, sizes) == 0
            except urllib3.exceptions.HTTPError as error:
                failures = 0 if _size(part) > furthest else failures + 1
                furthest = max(furthest, _size(part))
                if failures == _ATTEMPTS_WITHOUT_PROGRESS:
                    raise DownloadError(f"the connection keeps breaking after {furthest} bytes ({error})") from None
            except requests.HTTPError as error:
                raise DownloadError(f"{error.response.status_code} {error.response.reason}") from None
            except requests.RequestException as error:
                # Of a server that was asked several times, the last trouble says more than the account of all attempts.
                raise DownloadError(str(getattr(next(iter(error.args), None), "reason", error))) from None


def _session() -> requests.Session:
    """A session that tries again, after pauses, while a server cannot be reached or is in trouble for the moment."""
    retry = Retry(
        total=5,
        connect=2,
        backoff_factor=_BACKOFF_S,
        status_forcelist=(429, 500, 502, 503, 504),
        raise_on_status=False,
        retry_after_max=60,
    )
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _receive(session: requests.Session, url: str, part: Path, sizes: range) -> int:
    """Fills `part` from one connection.

    Returns:
        The first byte that this connection brought.

    Raises:
        DownloadError: the answer is of no use.
        requests.RequestException: there is no answer, or it is an error.
        urllib3.exceptions.HTTPError: the connection broke.
    """
    there = _size(part)
    # Compression on the way would change what a range means.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={there}-"} if there else {})
    with session.get(url, headers=headers, stream=True, timeout=_TIMEOUT_S) as response:
        if response.status_code != requests.codes.requested_range_not_satisfiable:
            response.raise_for_status()
        span = _span(response)
        if span is not None and span[0] in (0, there):
            _save(response, part, *span, sizes)
            return span[0]
    if not there:
        raise DownloadError(f"answered {response.status_code} to a request for the whole file")
    part.unlink()
    return _receive(session, url, part, sizes)


def _span(response: requests.Response) -> tuple[int, int | None] | None:
    """The first byte that a response brings and the size of the whole file, if said; None if it says neither."""
    if response.status_code == requests.codes.ok:
        length = response.headers.get("Content-Length", "")
        return 0, int(length) if length.isdecimal() else None
    if response.status_code == requests.codes.partial_content:
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
        return (int(match[1]), int(match[2])) if match else None
    return None


def _save(response: requests.Response, part: Path, start: int, whole: int | None, sizes: range) -> None:
    """Writes the body of a response to `part` from byte `start` on."""
    expected = sizes[len(sizes) // 2]
    if whole is not None and whole not in sizes:
        raise WrongFileError(f"found {whole} bytes; expected {expected}")
    size = start
    with part.open("ab" if start else "wb") as file, byte_bar(whole or expected, f"fetching {part.stem}", start) as bar:
        # Not iter_content, which unpacks what a server calls gzip-encoded, an archive for example.
        for chunk in response.raw.stream(_CHUNK, decode_content=False):
            size += len(chunk)
            if size > sizes[-1]:
                break
            file.write(chunk)
            bar.update(len(chunk))
    if size > sizes[-1]:
        part.unlink()
        raise WrongFileError(f"found more than {sizes[-1]} bytes; expected {expected}")
    if size < (whole or sizes[0]):
        raise urllib3.exceptions.ProtocolError(f"it ended after {size} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
