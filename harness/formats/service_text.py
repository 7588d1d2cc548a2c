"""How a service stood, as a sentence: product, kind, image; and which kinds before it did not work, and why."""

from harness.model.service import Fell, Kind, Stood

_KINDS = {
    Kind.CONTAINER: ("in a container", "容器"),
    Kind.PROCESS: ("as a process of this machine", "本机进程"),
    Kind.EXTERNAL: ("somebody else's, shared with others", "外部服务，与他人共用"),
    Kind.EMBEDDED: ("inside the system", "内嵌于系统"),
}


def stood_text(stood: Stood, language: str = "en") -> str:
    """`db: PostgreSQL 16.4 as a process of this machine; no container: no Docker engine …`."""
    english = language != "zh"
    kind = _KINDS[stood.kind][0 if english else 1]
    if stood.apart:
        kind = "somebody else's, a database of its own there" if english else "外部服务，独立数据库"
    if stood.kept:
        kind = "in a container kept between runs" if english else "跨运行保留的容器"
    product = stood.version or stood.preset.value
    image = f"{stood.image}, {stood.digest[:19]}" if stood.digest else stood.image
    what = f"{product} {kind}" if english else f"{product}（{kind}）"
    parts = [what, *([image] if image else []), *(_fell(one, english=english) for one in stood.fell)]
    return f"{stood.name}: {'; '.join(parts)}" if english else f"{stood.name}：{'；'.join(parts)}"


def _fell(fell: Fell, *, english: bool) -> str:
    return f"no {fell.kind}: {fell.why}" if english else f"未用 {fell.kind}：{fell.why}"
