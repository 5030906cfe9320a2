"""A small data package, unlike the real one in every code, for tests that need data of their own."""

import csv
import io
import json
import tempfile
from pathlib import Path

from django.conf import settings

from indicators.models import REFERENCE_MODELS, Observation, Release, ReleaseFile, Store
from tests.oracle import Oracle

#: Region codes are letters, one is Chinese, and `Nb` and `nb` differ by case alone.
FILES = {
    "units.csv": """\
code,name_zh,name_en,symbol
head,人,persons,人
permille,千分比,per mille,‰
""",
    "datasets.csv": """\
code,title_zh,title_en,description_zh,description_en,keywords_zh,keywords_en,theme
people,居民,People,居民,"People, by place",居民,people,POP
""",
    "sources.csv": """\
code,title,publisher,published_on,kind,url,licence,reliability,note
alm,Almanac,Office of Lemuria,2001-03,yearbook_table,,free,A,
cen,Census,Office of Lemuria,2000,census_volume,https://lemuria.example/census,free,B,printed late
""",
    "regions.csv": """\
code,name_zh,name_en,level,type,parent,valid_from,valid_to,longitude,latitude
LM,利莫里亚,Lemuria,country,country,,1900,,,
N,北州,North,province,state,LM,1900,,70.5,-10.25
S,南州,South,province,state,LM,1900,,-70,-20
Na,北港,Northhaven,prefecture,city,N,1900,,,
Nb,新坡,Newhill,prefecture,city,N,1995,,,
nb,旧坡,Oldhill,prefecture,city,N,1900,1995,,
岛,小岛,Islet,county,island,S,1950,,,
""",
    "region_events.csv": """\
year,date,kind,from_code,to_code,name_before,name_after
1995,1995-07-01,recode,nb,Nb,旧坡,新坡
""",
    "indicators.csv": """\
code,dataset,name_zh,name_en,unit,decimals,direction,theme
balance,people,人口增减,Balance of population,permille,2,none,population
density,people,人口密度,Density,head,2,decrease,population
share,people,城镇居民比重,Share of townspeople,permille,2,increase,population
""",
    "plans.csv": """\
code,kind,parent,title_zh,title_en,issued_on,period_start,period_end,source
P1,plan,,总体规划,Master plan,1998,1999,2005,alm
""",
    "actions.csv": """\
code,plan,order,title_zh,title_en,source
build,P1,1,建设,Build,alm
""",
    "measures.csv": """\
code,action,kind,order,title_zh,title_en,source
m1,build,measure,1,铺路,Pave roads,alm
""",
    "targets.csv": """\
code,plan,action,indicator,region,statistic,comparator,value,unit,year,baseline_year,baseline_value,direction,approximate,source
t1,P1,build,balance,LM,level,ge,-2.5,permille,2005,1999,-12.5,increase,false,alm
""",
    # Not in their order: the column decides.
    "releases.csv": """\
name,order,date,title_zh,title_en
summer,2,2002-07-01,夏季,Summer
spring,1,2001-04-01,春季,Spring
autumn,3,2003-10-01,秋季,Autumn
""",
    "observations/spring.csv": """\
indicator,region,year,value,status,source,locator,note
balance,LM,1999,-12.5,A,alm,p. 1,
balance,N,1999,0,A,alm,p. 1,
balance,Na,2000,,L,,,not counted
density,LM,1999,3.25,P,alm,,
density,N,1999,7.10,P,cen,,"a comma, a ""quote""
and a second line"
density,nb,1990,2,A,cen,,
share,S,2000,0.5,E,alm,,
share,岛,2000,99.99,A,alm,,
""",
    "observations/summer.csv": """\
indicator,region,year,value,status,source,locator,note
balance,N,1999,-0.4,A,alm,p. 2,
balance,Na,2000,-3,A,cen,,
balance,S,2000,-7.25,B,cen,,
density,LM,1999,3.25,A,alm,,
share,岛,2000,99.990,A,alm,,
""",
    "observations/autumn.csv": """\
indicator,region,year,value,status,source,locator,note
balance,N,1999,-0,A,alm,p. 1,
balance,S,2000,-7.250,B,cen,,
density,nb,1990,2,A,cen,,read again
share,LM,2001,100,A,cen,,
share,N,2001,0,A,cen,,
share,S,2000,,M,,,never counted
""",
}
#: name of the resource -> file
PATHS = {file.removesuffix(".csv").replace("/", "-"): file for file in FILES}
#: release -> rows added, revised, confirmed, unchanged
CHANGES = {"spring": (8, 0, 0, 0), "summer": (1, 2, 1, 1), "autumn": (2, 2, 1, 1)}


class Package:
    """The package on disk; a test may spoil it before loading it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "observations").mkdir(parents=True)
        for file, text in FILES.items():
            self.write(file, text)
        self.describe(PATHS)

    def describe(self, paths: dict[str, str]) -> None:
        """Write the description: paths of the resources by name."""
        resources = [{"name": name, "path": path} for name, path in paths.items()]
        self.write("datapackage.json", json.dumps({"name": "lemuria", "resources": resources}))

    def write(self, file: str, content: str | bytes) -> None:
        """Write a file as it stands, without translating line ends."""
        (self.folder / file).write_bytes(content.encode() if isinstance(content, str) else content)

    def text(self, file: str) -> str:
        """A file as it stands."""
        return (self.folder / file).read_bytes().decode()

    def replace(self, file: str, old: str, new: str) -> None:
        """Change the one place of a file that reads `old`."""
        text = self.text(file)
        assert text.count(old) == 1, (file, old, text.count(old))
        self.write(file, text.replace(old, new))

    def append(self, file: str, line: str) -> None:
        """Add a line to a file."""
        self.write(file, self.text(file) + line + "\n")

    def rows(self, file: str) -> list[dict[str, str]]:
        """A table as plain Python reads it."""
        return list(csv.DictReader(io.StringIO(self.text(file), newline="")))

    def oracle(self) -> Oracle:
        """The releases replayed in plain Python."""
        oracle = Oracle()
        for release in sorted(self.rows("releases.csv"), key=lambda row: int(row["order"])):
            oracle.replay(release, self.rows(f"observations/{release['name']}.csv"))
        return oracle


def empty_the_store() -> None:
    """Remove all data, within the transaction of a test, whose files go to a folder of their own.

    The store itself and its triggers stay.
    """
    settings.FILES_ROOT = Path(tempfile.mkdtemp(dir=settings.FILES_ROOT.parent))
    Store.objects.update(release=None)
    for model in (Observation, ReleaseFile, Release, *reversed(REFERENCE_MODELS)):
        model._default_manager.all()._raw_delete("default")
