"""The table of faults names tests that exist, and every test of kills and of stale results is in it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(test_\w+\.py)::(test_\w+)`", TABLE)


def names_in(file):
    return set(re.findall(r"^def (test_\w+)\(", (ROOT / "tests" / file).read_text(encoding="utf-8"), re.MULTILINE))


def test_every_fault_of_the_table_has_a_test():
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith(("| What", "| **"))]
    assert len(rows) > 30 and [row for row in rows if not re.search(r"`test_\w+\.py::test_\w+` \|$", row)] == []
    assert [(file, test) for file, test in NAMED if test not in names_in(file)] == []


def test_every_test_of_a_kill_or_of_stale_results_is_in_the_table():
    in_table = {test for _, test in NAMED}
    found = names_in("test_kill.py") | names_in("test_stale.py")
    no_faults = {"test_a_finished_page_is_not_made_again", "test_a_plan_reads_every_evidence_file_once"}
    assert found - in_table == no_faults
