"""Whether two names mean the same kind of machine, for numbers that no other machine can check."""

import re

from data_manifests.schemas.claim import Claim

BOUND_TO_MACHINE = {"fps", "speedup", "inference_n_gpus", "train_memory", "train_memory_reduction", "train_time"}
"""What depends on the machine as much as on the network."""
# Of a card's name, what only some documents write.
_MAKER = re.compile(r"^(?:\d+x)?(?:nvidia)?(?:geforce|quadro|tesla|jetson)?(?:gtx|rtx)?")
_NO_NAME = re.compile(r"not stated|standard gpu$|edge device$|^from the literature", re.IGNORECASE)


def named_device(claim: Claim) -> str | None:
    """The one kind of device that a claim names; None where it names none, a family, or several cards."""
    text = re.sub(r"\(.*?\)", "", (claim.hardware or "").partition(";")[0]).strip()
    several = re.match(r"[2-9]\d*x", text) or "+" in text
    return None if not text or several or _NO_NAME.search(claim.hardware or "") else text


def same_device(claim: Claim, machine: str) -> bool:
    """Whether a machine's name is that of the device that a claim names, however maker and series are written."""
    named = named_device(claim)
    return named is not None and _plain(named) == _plain(machine)


def _plain(name: str) -> str:
    """`1x GTX 1080Ti` and `NVIDIA GeForce GTX 1080 Ti` are both `1080ti`."""
    return _MAKER.sub("", re.sub(r"[^a-z0-9]", "", name.lower()))
