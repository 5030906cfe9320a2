"""What OpenAPI says of everything around the rows: envelopes, problems, and the service itself."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class QueryEchoField(serializers.DictField):
    """The parameters that were asked for, each a list of its items in canonical form."""

    child = serializers.ListField(child=serializers.CharField())


class AvailableSerializer(serializers.Serializer[Any]):
    """What does exist near an empty answer."""

    years = serializers.ListField(
        child=serializers.IntegerField(), min_length=2, max_length=2, help_text="First and last year."
    )
    levels = serializers.ListField(child=serializers.CharField(), help_text="Levels of regions, from the country down.")


class ListMetaSerializer(serializers.Serializer[Any]):
    """What a list says of itself."""

    release = serializers.CharField(
        allow_null=True, help_text="Release that the answer is made from; null before the first."
    )
    as_of = serializers.CharField(allow_null=True, help_text="`as_of` as asked for.")
    count = serializers.IntegerField(
        allow_null=True, help_text="Exact number of rows; null on data unless `count=true`."
    )
    page_size = serializers.IntegerField(help_text="Rows on a page.")
    query = QueryEchoField(help_text="Filters, fields and sort as understood.")
    permalink = serializers.URLField(help_text="Address of this answer for good: on data it names the release.")
    license = serializers.URLField(help_text="Licence of the data.")
    empty_reason = serializers.ChoiceField(
        allow_null=True,
        choices=[
            ("not_published_yet", "there was no release yet"),
            ("no_such_combination", "what was asked for is never observed together"),
            ("outside_period", "it is observed, but not in these years; or it changed, but not in these releases"),
            ("filtered_out", "rows exist, and other filters exclude them all"),
        ],
        help_text="Why there is no row; null if there is one.",
    )
    available = AvailableSerializer(
        allow_null=True,
        help_text="What exists instead, if the answer is empty; null if nothing of these indicators does.",
    )


class ProblemItemSerializer(serializers.Serializer[Any]):
    """One problem of a request."""

    code = serializers.CharField(help_text="Kind of problem; /api/v1/problems lists them.")
    parameter = serializers.CharField(allow_null=True, help_text="Parameter or header at fault.")
    value = serializers.CharField(allow_null=True, help_text="Value at fault.")
    detail = serializers.CharField(help_text="What is wrong and what to do.")
    did_you_mean = serializers.ListField(child=serializers.CharField(), help_text="Nearest values that exist.")
    allowed = serializers.ListField(
        child=serializers.CharField(), help_text="All values that are allowed, where they are few."
    )


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem document (RFC 9457)."""

    type = serializers.URLField(help_text="Address of the description of the kind of problem.")
    title = serializers.CharField(help_text="Title of the kind of problem.")
    status = serializers.IntegerField(min_value=400, max_value=599, help_text="HTTP status.")
    detail = serializers.CharField(help_text="What is wrong with this request.")
    instance = serializers.CharField(help_text="The request.")
    code = serializers.CharField(help_text="Code of the first error.")
    errors = ProblemItemSerializer(  # type: ignore[assignment]
        many=True, help_text="Every problem of the request, in the order of the URL."
    )


class FormatSerializer(serializers.Serializer[Any]):
    """A format."""

    name = serializers.CharField(help_text="Name, as `format=` takes it.")
    media_type = serializers.CharField(help_text="Media type.")
    paged = serializers.BooleanField(help_text="Whether it answers pages; others answer the whole slice.")
    bound = serializers.IntegerField(
        allow_null=True, help_text="Most rows that it takes (more are answered 413); null: any number."
    )
    description = serializers.CharField(help_text="What it is.")


class LimitsSerializer(serializers.Serializer[Any]):
    """Limits and bounds of requests."""

    page_size_default = serializers.IntegerField(help_text="Rows on a page, unless asked otherwise.")
    page_size_max = serializers.IntegerField(help_text="Most rows on a page of a reference resource.")
    page_size_max_observations = serializers.IntegerField(
        help_text="Most rows on a page of observations, vintages and changes."
    )
    list_items_max = serializers.IntegerField(help_text="Most items of a comma-separated list.")
    parameters_max = serializers.IntegerField(help_text="Most parameters of a request.")
    uri_bytes_max = serializers.IntegerField(help_text="Longest address, path and query, in bytes.")
    search_characters_max = serializers.IntegerField(help_text="Longest `q`, in characters.")
    search_words_max = serializers.IntegerField(help_text="Most words of `q`.")
    year_min = serializers.IntegerField(help_text="First year that may be asked for.")
    year_max = serializers.IntegerField(help_text="Last year that may be asked for.")
    value_max = serializers.IntegerField(help_text="Largest number that may be asked for, either sign.")
    query_seconds = serializers.FloatField(help_text="Seconds after which a query for data is ended (503).")
    throttle = serializers.CharField(
        allow_null=True, help_text="Most requests of one client, such as `600/minute` (else 429); null: no limit."
    )


class MetaSerializer(serializers.Serializer[Any]):
    """What the service is."""

    api_version = serializers.CharField(help_text="Version of the API.")
    build = serializers.CharField(help_text="Digest of the software.")
    release = serializers.CharField(allow_null=True, help_text="Release in force.")
    reference_revision = serializers.IntegerField(help_text="Revision of the reference tables.")
    limits = LimitsSerializer(help_text="Limits and bounds.")
    formats = FormatSerializer(many=True, help_text="Formats of observations, the default first.")
    reference_formats = FormatSerializer(many=True, help_text="Formats of reference resources.")
    languages = serializers.ListField(child=serializers.CharField(), help_text="Languages of names and texts.")
    license = serializers.URLField(help_text="Licence of the data.")
    publisher = serializers.CharField(help_text="Who publishes the data.")
    contact = serializers.URLField(help_text="Where to ask.")


class IndexSerializer(serializers.Serializer[Any]):
    """The links of the API."""

    title = serializers.CharField(help_text="Name of the service.")
    api_version = serializers.CharField(help_text="Version of the API.")
    release = serializers.CharField(allow_null=True, help_text="Release in force.")
    links = serializers.DictField(child=serializers.URLField(), help_text="Absolute address of each resource.")


class ProblemTypeSerializer(serializers.Serializer[Any]):
    """A kind of error, in both languages."""

    code = serializers.CharField(help_text="Code of the kind.")
    status = serializers.IntegerField(help_text="HTTP status that it is answered with.")
    title_en = serializers.CharField(help_text="English title.")
    title_zh = serializers.CharField(help_text="Chinese title.")
    description_en = serializers.CharField(help_text="What it means, in English.")
    description_zh = serializers.CharField(help_text="What it means, in Chinese.")


class ProblemTypesSerializer(serializers.Serializer[Any]):
    """All kinds of errors."""

    results = ProblemTypeSerializer(many=True, help_text="The kinds.")
