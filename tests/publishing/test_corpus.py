"""Every bad file is answered within 5 seconds and 300 MB, with a message that names file and place."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indicators.publishing.submitted.submission import read_submission
from indicators.query.edition import current_edition
from tests.serving import ROOT

from . import corpus_cells, corpus_files, corpus_parquet, corpus_workbooks
from .corpus import BAD, Bad

SECONDS, MEGABYTES = 5, 300
SOURCES = (corpus_cells, corpus_files, corpus_parquet, corpus_workbooks)


def test_the_corpus_is_large() -> None:
    assert len(BAD) >= 60
    assert len({bad.name for bad in BAD}) == len(BAD), "two files of one name"


@pytest.mark.django_db
@pytest.mark.parametrize("bad", [bad for bad in BAD if not bad.heavy], ids=lambda bad: bad.name)
def test_a_bad_file_is_answered_with_its_place(tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / bad.name
    bad.write(path)
    edition = current_edition()
    began = time.process_time() + sum(os.times()[2:4])
    submission = read_submission([path], edition, names=[bad.name])
    assert time.process_time() + sum(os.times()[2:4]) - began < SECONDS
    faults = list(map(str, submission.faults))
    assert any(not fault.warning for fault in submission.faults), faults
    for expected in bad.expected:
        assert any(expected in fault for fault in faults), (expected, faults[:20])
    assert all(fault.startswith(bad.name) and len(fault) < 500 for fault in faults), faults[:20]


@pytest.mark.parametrize("bad", [bad for bad in BAD if bad.heavy], ids=lambda bad: bad.name)
def test_a_file_that_would_cost_much_costs_little(tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / bad.name
    bad.write(path)
    script = Path(__file__).with_name("measured.py")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, script, path], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["seconds"] < SECONDS, told["seconds"]
    assert told["megabytes"] < MEGABYTES, told["megabytes"]
    assert len(told["faults"]) < 2_010
    for expected in bad.expected:
        assert any(expected in fault for fault in told["faults"]), (expected, told["faults"][:20], told["seconds"])
