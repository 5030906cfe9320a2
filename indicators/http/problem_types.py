"""PROBLEM_TYPES: every kind of error the API answers, as data; `type` of a problem document points to its entry."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProblemType:
    """A kind of error: its code, the HTTP status it is answered with, and what it means in both languages."""

    code: str
    status: int
    title_en: str
    title_zh: str
    description_en: str
    description_zh: str


_ALL = (
    ProblemType(
        "unknown_parameter", 400, "Unknown parameter", "未知参数",
        "The resource has no parameter of this name. Parameters are never ignored: see did_you_mean and allowed.",
        "该资源没有此名称的参数。参数从不会被忽略：请参见 did_you_mean 与 allowed。",
    ),
    ProblemType(
        "empty_value", 400, "Empty value", "空值",
        "A parameter, or an item of a list, has no value. Give one, or leave the parameter out.",
        "参数或列表中的某一项没有值。请填写，或去掉该参数。",
    ),
    ProblemType(
        "repeated_parameter", 400, "Repeated parameter", "参数重复",
        "A parameter is given more than once. Put all values into one comma-separated list.",
        "同一参数出现多次。请把所有取值写进一个以逗号分隔的列表。",
    ),
    ProblemType(
        "invalid_value", 400, "Invalid value", "取值无效",
        "A value does not follow the grammar of its parameter.",
        "取值不符合该参数的语法。",
    ),
    ProblemType(
        "out_of_range", 400, "Out of range", "超出范围",
        "A number, a date or a length is outside its bounds; /api/v1/meta lists them.",
        "数字、日期或长度超出允许范围；范围见 /api/v1/meta。",
    ),
    ProblemType(
        "unknown_code", 400, "Unknown code", "未知代码",
        "There is no such code. Codes are case-sensitive; did_you_mean names the nearest ones.",
        "没有这个代码。代码区分大小写；did_you_mean 给出最相近的代码。",
    ),
    ProblemType(
        "unknown_field", 400, "Unknown field", "未知字段",
        "`fields` names a column that the resource does not have.",
        "`fields` 中有该资源没有的字段。",
    ),
    ProblemType(
        "unknown_sort_field", 400, "Unknown sort field", "未知排序字段",
        "`sort` names a column that the resource cannot be sorted by.",
        "`sort` 中有该资源不能用来排序的字段。",
    ),
    ProblemType(
        "conflicting_parameters", 400, "Conflicting parameters", "参数冲突",
        "Parameters that are right by themselves do not go together.",
        "各参数单独正确，但不能同时使用。",
    ),
    ProblemType(
        "invalid_cursor", 400, "Invalid cursor", "游标无效",
        "The cursor was not given out for this query. Begin again from the first page.",
        "该游标不是为此查询签发的。请从第一页重新开始。",
    ),
    ProblemType(
        "not_acceptable", 406, "Not acceptable", "格式不可用",
        "The resource is not available in the format asked for; allowed lists those that are.",
        "该资源没有所要求的格式；可用格式见 allowed。",
    ),
    ProblemType(
        "too_large", 413, "Too large", "结果过大",
        "The answer would pass a bound. Narrow the question, or fetch the file that the detail names.",
        "结果超过上限。请缩小查询范围，或下载 detail 中所列的文件。",
    ),
    ProblemType(
        "uri_too_long", 414, "URI too long", "网址过长",
        "The address is too long. Name a group of regions by region_within or region_level instead of listing them.",
        "网址过长。请用 region_within 或 region_level 代替逐一列举地区。",
    ),
    ProblemType(
        "not_found", 404, "Not found", "未找到",
        "There is nothing at this address. Addresses have no trailing slash and never redirect.",
        "此地址没有内容。地址末尾没有斜杠，也从不跳转。",
    ),
    ProblemType(
        "method_not_allowed", 405, "Method not allowed", "方法不允许",
        "The API is read-only: GET, HEAD and OPTIONS.",
        "本接口只读：仅支持 GET、HEAD 与 OPTIONS。",
    ),
    ProblemType(
        "throttled", 429, "Too many requests", "请求过多",
        "Wait for the seconds that Retry-After gives, then go on.",
        "请等待 Retry-After 所示秒数后再继续。",
    ),
    ProblemType(
        "unavailable", 503, "Unavailable", "服务暂不可用",
        "The data store cannot answer now. Try again after the seconds that Retry-After gives.",
        "数据库暂时无法响应。请在 Retry-After 所示秒数后重试。",
    ),
    ProblemType(
        "internal", 500, "Internal error", "内部错误",
        "The service has a fault. It has been logged; the request was not wrong.",
        "服务内部出现故障，已记录；请求本身没有错误。",
    ),
)  # fmt: skip

PROBLEM_TYPES = {problem_type.code: problem_type for problem_type in _ALL}
