"""A reference resource: a filtered, sorted, paged list on django-filter, and one row by its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar

import orjson
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from ..formats import REFERENCE_FORMATS
from ..http import cursors
from ..http.asking import Question, ask
from ..http.errors import NotHere
from ..http.headers import attachment
from ..http.meta import meta
from ..query import filters
from ..query.edition import Edition, ReleaseRow, coverage
from ..query.grammar import Term
from ..query.parameters import BOM, DEFAULT_PAGE_SIZE, Parameter, shape
from .contract import Contract, ContractView
from .pagination import behind, key_of, ordered
from .rows import table


class ReferenceViewSet(GenericViewSet[Any], ContractView):
    """A reference resource: a filtered, sorted, paged list, and one row by its code."""

    formats = REFERENCE_FORMATS
    lookup_field = lookup_url_kwarg = "code"
    pairs: ClassVar[filters.Pairs] = ()
    vocabulary: ClassVar[str | None] = None
    default_sort: ClassVar[tuple[Term, ...]] = (Term("code"),)
    key: ClassVar[tuple[str, ...]] = ("code",)
    detail_serializer_class: ClassVar[type[Serializer[Any]] | None] = None
    examples: ClassVar[tuple[str, str]] = ("code", "-code")
    code_example: ClassVar[str] = ""
    noun: ClassVar[str] = ""
    tag = "reference"

    def contract(self) -> Contract:
        noun, one = self.noun, self.noun.removesuffix("s")
        row_operation = f"get_{one.replace(' ', '_')}"
        if self.action == "list":
            return Contract(
                f"list_{noun.replace(' ', '_')}",
                noun.capitalize(),
                f"{self.__doc__} A page of rows; CSV answers the whole list.",
                self.tag,
                self.list_parameters(),
                self.formats,
                self.serializer_class,
                many=True,
                example=self.code_example,
                row_operation=row_operation if self.vocabulary else "",
            )
        return Contract(
            row_operation,
            f"One {one}",
            f"{self.__doc__} One row, by its code.",
            self.tag,
            self.detail_parameters(),
            self.formats,
            self.detail_serializer_class or self.serializer_class,
            example=self.code_example,
        )

    @classmethod
    @cache
    def names(cls, detail: bool = False) -> list[str]:
        """The fields of a row, in order."""
        serializer = (detail and cls.detail_serializer_class) or cls.serializer_class
        assert serializer is not None
        assert issubclass(serializer, Serializer)
        return list(serializer().fields)

    @classmethod
    @cache
    def sortable(cls) -> list[str]:
        """The stored columns of a row; what is computed has no order."""
        stored = {field.name for field in cls.queryset.model._meta.concrete_fields}  # type: ignore[union-attr]
        return [name for name in cls.names() if name in stored]

    @classmethod
    @cache
    def list_parameters(cls) -> tuple[Parameter, ...]:
        """The grammar of the list."""
        return (*(parameter for parameter, _ in cls.pairs), *shape(cls.names(), cls.sortable(), cls.examples), BOM)

    @classmethod
    @cache
    def detail_parameters(cls) -> tuple[Parameter, ...]:
        """The grammar of one row."""
        return (*shape(cls.names(detail=True), (), cls.examples)[:1], BOM)

    def restricted(self, rows: QuerySet[Any], edition: Edition, kwargs: Mapping[str, str]) -> QuerySet[Any]:
        """The rows that the path itself asks for."""
        return rows

    def list(self, request: Request, **kwargs: str) -> HttpResponse:
        """One page of rows, or the whole list as a table."""
        question = ask(
            request,
            self.list_parameters(),
            self.formats,
            sort_keys=lambda asked: len(self._complete(asked.values.get("sort"))),
        )
        asked, edition, position = question.asked, question.edition, question.position
        sort = self._complete(asked.values.get("sort"))
        release = position.release if position else edition.release
        rows = self.restricted(self._filtered(question), edition, kwargs)
        if (response := self.cached(request, question, release, question.format.paged)) is not None:
            return response
        names = asked.values.get("fields", self.names())
        if not question.format.paged:
            return self._table(question, self._serialized(ordered(rows, sort), question, release), names)
        size = asked.values.get("page_size", DEFAULT_PAGE_SIZE)
        found = list(ordered(behind(rows, sort, position.key) if position else rows, sort)[: size + 1])
        described = meta(question, release, size, rows.count(), [parameter.name for parameter, _ in self.pairs])
        if not found and position is None:
            described["empty_reason"] = "filtered_out" if described["query"] else "no_such_combination"
        following = None
        if len(found) > size:
            key = key_of(found[size - 1], sort)
            following = question.address(cursor=cursors.write(question.path, asked, release, key))
        results = [{name: row[name] for name in names} for row in self._serialized(found[:size], question, release)]
        body = orjson.dumps({"meta": described, "next": following, "results": results})
        return self.finish(HttpResponse(body, content_type=question.format.content_type), question, following)

    def retrieve(self, request: Request, **kwargs: str) -> HttpResponse:
        """One row by its code."""
        question = ask(request, self.detail_parameters(), self.formats)
        code = self._known(kwargs[self.lookup_field], question)
        release = question.edition.release
        if (response := self.cached(request, question, release)) is not None:
            return response
        row = self.get_queryset().get(**{self.lookup_field: code})
        serializer = self.detail_serializer_class or self.serializer_class
        assert serializer is not None
        content = serializer(row, context=self._context(question, release)).data
        names = question.asked.values.get("fields", self.names(detail=True))
        if question.format.paged:
            return self.body({name: content[name] for name in names}, question)
        return self._table(question, [content], names)

    def _table(self, question: Question, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> HttpResponse:
        options = {"bom": question.asked.values.get("bom")}
        body = b"".join(question.format.write(replace(table(rows, names), options=options)))
        response = HttpResponse(body, content_type=question.format.content_type)
        stem = question.path.removeprefix("/api/v1/").replace("/", "-")
        response["Content-Disposition"] = attachment(stem, question.format.extension)
        return self.finish(response, question)

    def _complete(self, terms: Sequence[Term] | None) -> tuple[Term, ...]:
        chosen = tuple(terms) if terms else self.default_sort
        named = {term.column for term in chosen}
        return (*chosen, *(Term(column) for column in self.key if column not in named))

    def _filtered(self, question: Question) -> QuerySet[Any]:
        rows = self.get_queryset()
        filter_class = filters.filter_set(rows.model, self.pairs)  # type: ignore[arg-type]
        return filter_class(question.asked.texts, queryset=rows, edition=question.edition).qs  # type: ignore[no-any-return]

    def _known(self, code: str, question: Question) -> str:
        """The code, if there is a row of it; no query is needed to tell."""
        vocabulary = question.edition.vocabulary(self.vocabulary or "")
        if code not in vocabulary:
            prefix = question.path[: len(question.path) - len(code)]
            meant = [prefix + near for near in vocabulary.suggest(code)]
            hint = f" Did you mean {meant[0]}?" if meant else ""
            raise NotHere(f"There is no {self.vocabulary} with the code {code[:100]!r}.{hint}", meant)
        return code

    def _context(self, question: Question, release: ReleaseRow | None) -> dict[str, Any]:
        shown = question.asked.values.get("fields", self.names())
        held = coverage(release) if release and "coverage" in shown else ({}, {})
        return {"edition": question.edition, "coverage": held}

    def _serialized(self, rows: Any, question: Question, release: ReleaseRow | None) -> Sequence[Mapping[str, Any]]:
        assert self.serializer_class is not None
        return self.serializer_class(rows, many=True, context=self._context(question, release)).data  # type: ignore[no-any-return]
