"""METHODS: how progress is measured, with what /progress-methods tells of each method.

To add one, write its function in `measures.py` and put it here: `method=`, /progress-methods and OpenAPI follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import measures
from .measures import Course, Number, Outcome


@dataclass(frozen=True)
class Threshold:
    """A ratio from which on a status applies; `closed` if the ratio itself belongs to it."""

    status: str
    ratio: float
    closed: bool = True

    def reached(self, ratio: float) -> bool:
        return ratio >= self.ratio if self.closed else ratio > self.ratio


@dataclass(frozen=True)
class Method:
    """A method with its documentation; what no threshold reaches moves in the wrong direction."""

    code: str
    version: str
    title_zh: str
    title_en: str
    formula: str
    description_zh: str
    description_en: str
    thresholds: tuple[Threshold, ...]
    citation: str
    url: str | None
    measure: Callable[[Course], Outcome]
    required: Callable[[Course, int], Number | None]
    from_base: bool = True

    def status(self, ratio: float) -> str:
        """The status of a ratio."""
        return next((t.status for t in self.thresholds if t.reached(ratio)), "wrong_direction")


_BANDS = (Threshold("on_track", 0.95), Threshold("moderate", 0.6), Threshold("insufficient", 0.0))

METHODS: Mapping[str, Method] = {
    method.code: method
    for method in (
        Method(
            code="linear_path",
            version="1.0",
            title_zh="线性路径",
            title_en="Linear path",
            formula="ratio = (y - b) / (p - b); p = b + (g - b) (t - s) / (T - s) for t < T, else g",
            description_zh=(
                "以基期值到目标值的直线为应有路径，实际变化与路径同期应有变化之比。目标年之后路径停留在目标值。"
            ),
            description_en=(
                "The observed change as a share of the change that the straight path from base to goal asks for by "
                "the year of the current value. From the target year on the path stays at the goal."
            ),
            thresholds=_BANDS,
            citation=(
                "Own definition; bands of 95, 60 and 0 percent as in Eurostat, Sustainable development in the "
                "European Union, and in Open SDG."
            ),
            url=None,
            measure=measures.linear_path,
            required=measures.straight,
        ),
        Method(
            code="cagr_ratio",
            version="1.0",
            title_zh="年均增长率之比（Open SDG）",
            title_en="Ratio of growth rates (Open SDG)",
            formula="ratio = d σ c / |c*|; c = (y / b)^(1 / (t - s)) - 1; c* = (g / b)^(1 / (T - s)) - 1",
            description_zh=(
                "实际年均复合增长率与由基期值达到目标值所需增长率之比。零值以及正负不一的数值不计算，不以 0.001 代"
                "替零。"
            ),
            description_en=(
                "The observed compound annual rate of growth as a share of the rate that leads from base to goal. "
                "Between values that are zero or not of one sign there is none; zero is not replaced by 0.001 as "
                "there."
            ),
            thresholds=_BANDS,
            citation="Open SDG, automatic progress calculation (sdg-build, ProgressMeasure).",
            url="https://open-sdg.readthedocs.io/en/latest/progress/",
            measure=measures.cagr_ratio,
            required=measures.geometric,
        ),
        Method(
            code="un_2023",
            version="1.0",
            title_zh="预期变化之比（联合国 2023）",
            title_en="Ratio of expected change (UN 2023)",
            formula=(
                "ratio = (v - b) / (g - b); v = y (1 + c)^(T - t) for t < T, else y; c = (y / b)^(1 / (t - s)) - 1"
            ),
            description_zh=(
                "按实际年均复合增长率外推至目标年，预期总变化与所需总变化之比。不采用“距 0 或 100 的目标 1% 以内即"
                "达到”之规则。"
            ),
            description_en=(
                "The change expected by the target year, if the observed rate of growth goes on, as a share of the "
                "change that is needed. The rule that within 1 percent of a target of 0 or 100 counts as met is "
                "left out."
            ),
            thresholds=(Threshold("on_track", 0.95), Threshold("moderate", 0.1), Threshold("insufficient", 0.0)),
            citation=(
                "United Nations Statistics Division, SDG Progress Chart 2023, technical note, as applied by Eustat."
            ),
            url=None,
            measure=measures.un_2023,
            required=measures.geometric,
        ),
        Method(
            code="dns_trend5",
            version="1.0",
            title_zh="五年趋势（德国可持续发展战略）",
            title_en="Five-year trend (German sustainability strategy)",
            formula=(
                "ratio = m (T - t) / (g - y); m = mean annual change over the years t - 5 to t, of at least four values"
            ),
            description_zh=(
                "将最近五年的年均变化线性外推至目标年，外推所补与现有差距之比。不需要基期值；到目标年之后不再外推。"
            ),
            description_en=(
                "What the mean annual change of the last five years, extended to the target year, still adds, as a "
                "share of what is missing. It needs no base, and says nothing from the target year on."
            ),
            thresholds=(
                Threshold("on_track", 0.95, closed=False),
                Threshold("moderate", 0.8),
                Threshold("insufficient", 0.0, closed=False),
            ),
            citation=(
                "Statistisches Bundesamt, Indicators of the German Sustainable Development Strategy: status of the "
                "indicators."
            ),
            url="https://dns-indikatoren.de/en/status/",
            measure=measures.dns_trend5,
            required=measures.from_current,
            from_base=False,
        ),
    )
}
DEFAULT_METHOD = "linear_path"
