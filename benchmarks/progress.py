"""What pages of /progress cost beside a page of observations, over a tree of many regions.

Regions and their figures are made up, in a SQLite database of their own, below the region that the targets of the pack
are set for."""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # not this folder, whose names are those of libraries
YEARS = range(2005, 2025)
PAGE = "/observations?indicator=urbanization_rate&region_within=370000"
PAGES = (
    PAGE,
    "/progress?basis=all",
    "/progress?basis=all&indicator=urbanization_rate",
    "/progress?basis=all&method=all",
    f"{PAGE}&page_size=1000",
    "/progress?basis=all&target=SD-3Y-01&page_size=1000",
    "/progress?basis=all&target=SD-3Y-01&sort=-gap",
)


def fill(regions: int) -> None:
    """The real pack, and so many regions with a yearly rate each."""
    from django.core.management import call_command

    from indicators.models import Observation, Region, Release

    call_command("migrate", verbosity=0)
    call_command("load", str(ROOT / "fixtures"), verbosity=0)
    last = Release.objects.order_by("order").last()
    codes = [f"M{number:05}" for number in range(regions)]
    names = {"name_zh": "虚构", "name_en": "Made up", "level": "county", "type": "county", "valid_from": 2000}
    Region.objects.bulk_create(Region(code=code, parent_id="370100", **names) for code in codes)
    Observation.objects.bulk_create(
        Observation(
            indicator_id="urbanization_rate",
            region_id=code,
            year=year,
            release=last,
            value=round(40 + number % 17 + (year - 2005) * (0.8 + number % 7 / 10), 2),
            status="A",
            source_id="S22",
        )
        for number, code in enumerate(codes)
        for year in YEARS
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regions", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=30)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{folder}/made_up.sqlite3",
            "DJANGO_SETTINGS_MODULE": "urbanapi.settings",
        }
        import django

        django.setup()
        from django.test import Client

        fill(chosen.regions)
        client = Client(SERVER_NAME="localhost")
        for page in PAGES:
            print(f"{spent(client, page):8.1f} ms the first time, {page}")
        times = {page: [spent(client, page) for _ in range(chosen.rounds)] for page in PAGES}
        bare = statistics.median(times[PAGE])
        for page, taken in times.items():
            print(f"{statistics.median(taken):8.2f} ms {statistics.median(taken) / bare:6.2f} x  {page}")


def spent(client: Any, page: str) -> float:
    """Milliseconds that a request takes."""
    began = time.process_time()
    client.get(f"/api/v1{page}")
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()
