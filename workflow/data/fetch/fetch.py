"""One file of a manifest: from the mirror or the first address that gives it, checked before it gets its name."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from requests.cookies import RequestsCookieJar

from segrepro.errors import SegReproError
from data_manifests.schemas.base import RemoteFile
from data_manifests.schemas.dataset import Login, PackagePages

from . import cityscapes_login, identity
from segrepro.atomic import place_file
from segrepro.file_lock import file_lock
from segrepro.system_errors import naming
from .disk import already_there, require_free_space
from .download import DownloadError, WrongFileError, download
from segrepro.hashes import byte_bar, copy_hashed


def fetch(
    remote: RemoteFile, collection: str, destination: Path, mirror: Path | None, login: Login | None = None
) -> None:
    """Brings the file to `destination`, where only the right content gets the name.

    The right file is kept if it is there already. Else the mirror is asked, then the addresses in their order. Bytes
    wait in `<destination>.part` until they are checked; a later call goes on with what a killed or broken one left.

    Args:
        remote: the file as the manifest names it.
        collection: id of the dataset or the collection of weights, the name of its folder in the mirror.
        destination: where the file is to be.
        mirror: folder that holds `<collection>/<file>`.
        login: how a person gets at the file, for the message.

    Raises:
        SegReproError: no place gives the right file, the disk is too full, or another process is fetching it.
    """
    if mirror is not None and not mirror.is_dir():
        raise SegReproError(f"mirror {mirror}: no such folder; correct or unset SEGREPRO_MIRROR or `mirror:`")
    # Before the lock, which a folder that can only be read has no place for.
    if destination.is_file() and identity.file_difference(remote, destination) is None:
        return
    busy = f"{destination}: another process is fetching it; wait for its end, then try again"
    with file_lock(destination.with_name(destination.name + ".lock"), busy):
        _fetch(remote, collection, destination, mirror, login)


def _fetch(remote: RemoteFile, collection: str, destination: Path, mirror: Path | None, login: Login | None) -> None:
    tried, wrong = [], False
    # Another process may have brought it before this one had the lock.
    if destination.is_file():
        reason = identity.file_difference(remote, destination)
        if reason is None:
            return
        tried.append(f"{destination}: {reason}")
        wrong = True

    part = destination.with_name(destination.name + ".part")
    require_free_space(destination.parent, remote.bytes - already_there(destination))
    places: list[tuple[str, Callable[[str, RemoteFile, Path], None]]] = []
    if mirror is not None:
        places.append((str(mirror / collection / remote.file), _copy))
    places += [(url, _download) for url in remote.urls]
    if login is not None and login.packages is not None and cityscapes_login.has_account():
        places.append((login.packages.file, partial(_download_package, pages=login.packages)))
    for place, bring in places:
        try:
            with naming(part):
                bring(place, remote, part)
        except DownloadError as error:
            tried.append(f"{place}: {error}")
            wrong = wrong or isinstance(error, WrongFileError)
        else:
            place_file(part, destination)
            return
    raise SegReproError(_advice(remote, collection, destination, tried, wrong, login))


def _copy(file: str, remote: RemoteFile, part: Path) -> None:
    """Copies a file of the mirror to `part`; a wrong one leaves nothing there."""
    if not Path(file).is_file():
        raise DownloadError("no such file")
    bar = byte_bar(remote.bytes, f"copying {remote.file}")
    with Path(file).open("rb") as source, part.open("wb") as sink, bar:
        digest = copy_hashed(source, sink, bar, identity.algorithm(remote))
    reason = identity.difference(remote, part, digest)
    if reason is not None:
        part.unlink()
        raise WrongFileError(reason)


def _download_package(place: str, remote: RemoteFile, part: Path, pages: PackagePages) -> None:
    """Downloads a file of the Cityscapes site to `part`; the site gives its md5.

    A file that is what the site says, but not what the manifest says, stays in `part`.
    """
    package = cityscapes_login.package(remote.file, pages)
    as_the_site_says = remote.model_copy(update={"sha256": None, "sha1": None, "md5": package.md5})
    _download(package.url, as_the_site_says, part, package.cookies)
    if remote.digest is not None and (reason := identity.file_difference(remote, part)) is not None:
        raise WrongFileError(f"{reason}; it has the md5 that the owner's site gives; it waits as {part}")


def _download(url: str, remote: RemoteFile, part: Path, cookies: RequestsCookieJar | None = None) -> None:
    """Downloads an address to `part`; a wrong content leaves nothing there."""
    while True:
        # A killed process may have left the whole file.
        complete = part.exists() and part.stat().st_size == remote.bytes
        in_one_piece = False if complete else download(url, part, identity.sizes(remote), cookies)
        reason = identity.file_difference(remote, part)
        if reason is None:
            return
        part.unlink()
        if in_one_piece:
            raise WrongFileError(reason)
        # Pieces of different files, from a server that changed it or an earlier address: once more from nothing.


def _advice(
    remote: RemoteFile, collection: str, destination: Path, tried: list[str], wrong: bool, login: Login | None
) -> str:
    about = "about " if remote.size_is_approximate else ""
    expected = ", ".join([f"{about}{remote.bytes} bytes", *([" ".join(remote.digest)] if remote.digest else [])])
    lines = [f"{remote.file} ({expected}) could not be had; tried:"]
    lines += [f"  {attempt}" for attempt in tried] or ["  nothing: it has no address and there is no mirror"]
    if wrong:
        lines.append(f"{identity.either(remote)}.")
    if login is not None:
        lines += [login.instructions] + ([f"Account: {login.account_url}"] if login.account_url else [])
    lines += [
        f"Next step: put it at {destination}, or name a folder that holds {collection}/{remote.file}"
        " in SEGREPRO_MIRROR, and run the command again."
    ]
    return "\n".join(lines)
