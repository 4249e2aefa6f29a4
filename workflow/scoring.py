"""What decides the scores of a prediction, besides its counts."""

import hashlib
import json

from data_manifests import loader
from mmseg_plugins.runtime.computing_code import PROJECT, SCORING, code_sha256, digest_of_files

PROGRAMS = (
    *(f"data_manifests/schemas/{schema}.py" for schema in ("label_set", "protocol")),
    "workflow/read_prediction.py",
    *(f"workflow/scripts/{program}.py" for program in ("compare_accuracy", "score")),
)
"""What scores besides the code of `mmseg_plugins`."""


def scoring_sha256(dataset: str) -> str:
    """Hashes the rules of all protocols, the classes and the sampling of a dataset, and the code that scores.

    Titles, descriptions and sources may be reworded freely.

    Raises:
        SegReproError: a manifest is missing or breaks its schema.
    """
    manifest = loader.dataset(dataset)
    rules = {"void", "average", "absent", "inference"}
    facts = {
        "protocols": {
            name: protocol.model_dump(mode="json", include=rules) for name, protocol in loader.protocols().items()
        },
        "classes": [(c.name, c.category, c.instances) for c in loader.label_set(manifest.label_set).classes],
        "sampling": manifest.model_dump(mode="json", include={"sampling"}),
        "code": code_sha256([], SCORING),
        "programs": digest_of_files(PROJECT / program for program in PROGRAMS),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
