"""What a finding is called in Chinese, beside the English title that `contract_findings` gives it.

The same cases in the same words; what the system or the engine itself said stays as it was said.
"""

from collections.abc import Mapping

from harness.formats.contract_parts import value_of
from harness.formats.curl import Request
from harness.model.contract import Operation
from harness.rules.findings import Cause, asked

_MOST = 160
_PARTS: Mapping[str, str] = {
    "body": "请求体",
    "query": "查询参数",
    "path": "路径参数",
    "header": "请求头",
    "cookie": "Cookie",
}
_SCENARIOS: Mapping[str, str] = {
    "example_value": "示例值",
    "default_value": "默认值",
    "enum_value": "枚举值",
    "const_value": "固定值",
    "valid_string": "合法的字符串",
    "valid_number": "合法的数值",
    "valid_boolean": "合法的布尔值",
    "valid_array": "合法的数组",
    "valid_object": "合法的对象",
    "null_value": "空值 null",
    "minimum_length_string": "最小长度的字符串",
    "maximum_length_string": "最大长度的字符串",
    "near_boundary_length_string": "接近长度边界的字符串",
    "minimum_value": "最小值",
    "maximum_value": "最大值",
    "near_boundary_number": "接近边界的数值",
    "maximum_items_array": "元素最多的数组",
    "near_boundary_items_array": "元素数接近边界的数组",
    "enum_value_items_array": "由枚举值组成的数组",
    "object_only_required": "仅含必填属性的对象",
    "object_required_and_optional": "含必填和可选属性的对象",
    "object_additional_property": "含附加属性的对象",
    "boundary_list": "边界值清单",
    "default_positive_test": "符合契约的普通请求",
    "value_above_maximum": "数值超过最大值",
    "value_below_minimum": "数值低于最小值",
    "string_above_max_length": "字符串超过最大长度",
    "string_below_min_length": "字符串短于最小长度",
    "array_above_max_items": "数组元素过多",
    "array_below_min_items": "数组元素过少",
    "object_above_max_properties": "对象属性过多",
    "object_below_min_properties": "对象属性过少",
    "object_unexpected_properties": "对象含有未定义的属性",
    "object_missing_required_property": "对象缺少必填属性",
    "object_invalid_property_name": "对象的属性名无效",
    "incorrect_type": "类型错误",
    "invalid_enum_value": "枚举值无效",
    "invalid_format": "格式无效",
    "invalid_pattern": "不符合正则模式",
    "not_multiple_of": "不是规定的倍数",
    "non_unique_items": "数组元素重复",
    "unique_items_array": "元素互不相同的数组",
    "missing_parameter": "缺少必填参数",
    "duplicate_parameter": "参数重复",
    "unsupported_path_pattern": "路径参数不符合模式",
    "unspecified_http_method": "未定义的 HTTP 方法",
    "malformed_content_type": "Content-Type 格式错误",
    "unsupported_content_type": "不支持的 Content-Type",
}


def title_zh(cause: Cause, operation: Operation, request: Request) -> str:
    """The title of a cause in Chinese; `request` is the one that is shown for it."""
    hit, label = cause.hit, operation.label
    trying = _trying(cause, request)
    match hit.kind:
        case "ServerError" | "ContentTypeServerError":
            return f"{label} 遇到{trying}时出错，返回 {hit.status}"
        case "ServerStopped":
            return f"{label} 使服务器停止：{trying}"
        case "ReadOnlyTaken":
            return f"{label} 接受了只应由服务器设定的值：{cause.location}"
        case "ConnectionDropped":
            return f"{label} 未应答便断开连接：{trying}"
        case "IgnoredAuth":
            return f"{label} 不要求身份凭证"
        case "UndefinedStatusCode":
            return f"{label} 返回 {hit.status}，契约中未定义该状态码"
        case "JsonSchemaError":
            about = f"响应头 {hit.detail['header']}" if "header" in hit.detail else cause.location.split(" ")[0]
            wrong = _short(str(hit.detail.get("wrong", hit.title)))
            return f"{label} 返回 {hit.status} 时不符合其模式：{about}：{wrong}"
        case "MissingHeaders":
            return f"{label} 返回 {hit.status} 时缺少 {cause.location}"
        case "AcceptedNegativeData" | "MissingHeaderNotRejected":
            return f"{label} 接受了契约禁止的内容：{trying}"
        case "RejectedPositiveData":
            return f"{label} 拒绝了契约允许的内容：{trying}"
        case "UndefinedContentType":
            return f"{label} 返回 {cause.location}，契约中未定义该内容类型"
        case _:
            return _of_conduct(cause, operation)


def _of_conduct(cause: Cause, operation: Operation) -> str:
    """The same for what an operation does, whatever its answer looks like."""
    hit, label = cause.hit, operation.label
    match hit.kind:
        case "UnsupportedMethodResponse":
            return f"{operation.path} 对契约中未定义的 {hit.detail.get('method', '?')} 返回 {hit.status}"
        case "RecordedStatus":
            return f"{label} 对录制的请求返回 {hit.status}"
        case "UseAfterFree":
            return f"{label} 仍能找到已删除的资源"
        case "EnsureResourceAvailability":
            return f"{label} 找不到刚刚创建的资源"
        case "AbsentOperation":
            return f"契约中有 {label}，系统中没有"
        case "UndeclaredField":
            return f"{label} 的应答含有契约未声明的字段：{cause.location}"
        case _:
            return f"{label} 违反了规则“{cause.rule}”：{_short(hit.title)}"


def _trying(cause: Cause, request: Request) -> str:
    """What the request tried."""
    hit = cause.hit
    if cause.location == "any request" and hit.needs is None and hit.kind == "ServerError":
        return "多种请求"
    if cause.location == "any request":
        return "任何请求"
    if hit.needs and cause.location == ", ".join(hit.needs):
        return _short("、".join(_with_value(part, request) for part in hit.needs[:3]))
    if not (hit.scenario or hit.description) or (
        hit.kind == "ServerError" and hit.mode == "positive" and not hit.scenario
    ):
        return "符合契约的请求"
    place = _place(asked(hit))
    what = _SCENARIOS.get(hit.scenario) or (hit.description or hit.scenario.replace("_", " ")).splitlines()[0]
    return _short(f"{place}：{what}" if place else what)


def _with_value(part: str, request: Request) -> str:
    value = value_of(request, part)
    return f"{_place(part)} = {_short(value, 60)}" if value else _place(part)


def _place(part: str) -> str:
    kind, _, rest = part.partition(" ")
    return f"{_PARTS.get(kind, kind)} {rest}".strip()


def _short(text: str, most: int = _MOST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
