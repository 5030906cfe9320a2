"""Reads one file in a process of its own and prints the faults, the seconds, and the megabytes beyond those at rest."""

import json
import os
import resource
import sys
import time
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "urbanapi.settings"


def peak() -> int:
    """The largest memory of this process and of its children, in megabytes."""
    return sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024


def main(path: str) -> None:
    """Read the file; codes are checked against a list of one."""
    import django

    django.setup()
    from indicators.publishing.checks import CHECKS, Checked, apply, codes_are_known
    from indicators.publishing.submitted.read import read_file
    from indicators.query.edition import EPOCH, Edition, Reference
    from indicators.query.vocabulary import Vocabulary

    codes = {"indicator": "urbanization_rate", "region": "370000", "source": "S01"}
    vocabularies = {name: Vocabulary({code: ()}) for name, code in codes.items()}
    lookups = {"region.valid_from": {}, "region.valid_to": {}, "indicator.unit": {}}
    edition = Edition(None, (), Reference(0, EPOCH, None, vocabularies, lookups, {}))

    before, began = peak(), time.process_time()
    read = read_file(Path(path), name=Path(path).name)
    apply([codes_are_known], Checked(read.name, read.doubtful, edition), read.faults)
    apply(CHECKS, Checked(read.name, read.figures, edition), read.faults)
    seconds = time.process_time() - began + sum(os.times()[2:4])
    faults = list(map(str, read.faults.listed()))
    print(json.dumps({"faults": faults, "seconds": seconds, "megabytes": peak() - before, "rows": len(read.figures)}))


if __name__ == "__main__":
    main(sys.argv[1])
