"""OpenAPI links: where the codes in an answer lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rest_framework.serializers import Serializer

if TYPE_CHECKING:
    from .contract import Contract

#: Columns that hold the code of a row of another resource, and the operation that answers that row.
_LEADS_TO = {
    "plan": "get_plan", "action": "get_action", "indicator": "get_indicator", "region": "get_region",
    "from_code": "get_region", "to_code": "get_region", "dataset": "get_dataset", "source": "get_source",
    "unit": "get_unit", "release": "get_release", "target": "get_target",
}  # fmt: skip
#: The parameter of /observations that a row's own code goes into.
_OBSERVED_BY = {
    "get_indicator": "indicator", "get_region": "region", "get_dataset": "dataset", "get_source": "source",
    "get_release": "as_of",
}  # fmt: skip


def links(contract: Contract) -> dict[str, Any]:
    """The links of an operation's answer: to the rows that it names, and from one row to what was observed of it."""
    row = "$response.body#/results/0" if contract.many else "$response.body#"
    leads_to = {**_LEADS_TO, "parent": contract.row_operation or contract.operation_id}
    found = {name: _link(leads_to[name], f"{row}/{name}") for name in _columns(contract) if name in leads_to}
    if contract.row_operation:
        found["row"] = _link(contract.row_operation, f"{row}/{_key(contract.row_operation)}")
    if parameter := _OBSERVED_BY.get(contract.operation_id):
        found["observations"] = _link("list_observations", f"{row}/{_key(contract.operation_id)}", parameter)
    return found


def _columns(contract: Contract) -> Sequence[str]:
    if isinstance(contract.row, tuple):
        return contract.row[1].default
    assert contract.row is not None
    assert issubclass(contract.row, Serializer)
    return list(contract.row().fields)


def _key(operation: str) -> str:
    return "name" if operation == "get_release" else "code"


def _link(operation: str, expression: str, parameter: str = "") -> dict[str, Any]:
    return {"operationId": operation, "parameters": {parameter or _key(operation): expression}}
