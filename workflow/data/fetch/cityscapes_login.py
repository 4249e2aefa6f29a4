"""The download site of Cityscapes, entered with the owner's own program."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import requests
from cityscapesscripts.download import downloader
from requests.cookies import RequestsCookieJar

from segrepro.errors import SegReproError
from data_manifests.schemas.dataset import PackagePages

from .download import DownloadError

USERNAME, PASSWORD = "CITYSCAPES_USERNAME", "CITYSCAPES_PASSWORD"  # noqa: S105  names of variables


@dataclass(frozen=True)
class Package:
    """A file of the site, as it can be downloaded."""

    url: str
    md5: str
    cookies: RequestsCookieJar
    """They stand for the login."""


def has_account() -> bool:
    """Whether the two variables are set, or else the owner's program has stored an account (`csDownload` asks for it).

    Raises:
        SegReproError: just one of the variables is set.
    """
    missing = [name for name in (USERNAME, PASSWORD) if not os.environ.get(name)]
    if len(missing) == 1:
        raise SegReproError(f"{missing[0]}: found nothing; expected it beside the other of {USERNAME} and {PASSWORD}")
    stored = Path(downloader.appdirs.user_data_dir("cityscapesscripts", "cityscapes"), "credentials.json")
    return not missing or stored.is_file()


def package(name: str, pages: PackagePages) -> Package:
    """Logs in and looks a file up.

    Args:
        name: of the file in the owner's list.
        pages: the owner's addresses.

    Raises:
        DownloadError: the site does not answer, refuses the account, or does not offer the file to it. The message
            holds neither the user's name nor the password.
    """
    try:
        session = _log_in()
        numbers = {p["name"]: p["packageID"] for p in downloader.get_available_packages(session=session)}
        if name not in numbers:
            raise DownloadError(f"the account may not download {name}; the site offers it {', '.join(numbers)}")
        answer = session.get(pages.md5.format(id=numbers[name]), allow_redirects=False, timeout=60)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise DownloadError(str(error)) from None
    md5 = re.match(r"[0-9a-f]{32}\b", answer.text)
    if md5 is None:
        raise DownloadError(f"found no md5 of {name} at {answer.url}")
    return Package(pages.file.format(id=numbers[name]), md5[0], session.cookies)


def _log_in() -> requests.Session:
    session: requests.Session
    try:
        with _variables_answer() if os.environ.get(USERNAME) else nullcontext():
            session = downloader.login()
    except requests.RequestException:
        raise
    except Exception as error:  # the owner's program has no type of its own for this
        advice = f"correct {USERNAME} and {PASSWORD}, or log in once with the owner's csDownload"
        raise DownloadError(f"the site refused the account ({error}); {advice}") from None
    return session


@contextmanager
def _variables_answer() -> Iterator[None]:
    """What the owner's program asks at the terminal is answered by the variables, whatever account it has stored."""
    with (
        patch.object(downloader.appdirs, "user_data_dir", return_value=os.devnull),
        patch.object(downloader, "input", side_effect=[os.environ[USERNAME], "no, do not store it"]),
        patch.object(downloader.getpass, "getpass", return_value=os.environ[PASSWORD]),
    ):
        yield
