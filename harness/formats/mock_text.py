"""What a run owes to mocks, as sentences: the share that rests on them, and the certificate of each."""

from collections.abc import Iterator

from harness.model.evidence import Certified, Record, StoodIn
from harness.rules.mock_debt import mock_debt

_ENGLISH = {
    Certified.HOLDS: "its certificate holds ({digests})",
    Certified.BREAKS: "its certificate says that it breaks its contract ({digests}; findings: {findings})",
    Certified.UNDECIDED: "its certificate could not tell whether it keeps its contract ({digests})",
    Certified.STALE: "its certificate is stale, since it was issued for {differs}; again: harness mock verify {folder}",
    Certified.NONE: "it has no certificate: nobody judged it; do: harness mock verify {folder}",
}
_CHINESE = {
    Certified.HOLDS: "其证书有效（{digests}）",
    Certified.BREAKS: "其证书表明它违反契约（{digests}；问题数：{findings}）",
    Certified.UNDECIDED: "其证书未能判定它是否遵守契约（{digests}）",
    Certified.STALE: "其证书已过期，因为证书针对的是{differs}；请重新执行：harness mock verify {folder}",
    Certified.NONE: "它没有证书，未经评判；请执行：harness mock verify {folder}",
}
_DIFFERS = {"contract": ("another contract", "另一版契约"), "stubs": ("other stubs", "另一版桩定义")}


def debt_lines(record: Record, language: str = "en") -> Iterator[str]:
    """The share first, then a line for each mock; nothing where none stood in."""
    debt = mock_debt(record)
    if debt is None:
        return
    english = language != "zh"
    share = f"{debt.resting}/{debt.decided} ({debt.percent} %)"
    yield f"{share} of the decided checks rest on mocks" if english else f"已判定的检查中有 {share} 依赖模拟服务"
    for one in debt.stood_in:
        yield f"{one.dependency}{': ' if english else '：'}{certificate_text(one, language)}"


def certificate_text(one: StoodIn, language: str = "en") -> str:
    """What is known of one mock, and what to do where too little is."""
    english = language != "zh"
    template = (_ENGLISH if english else _CHINESE)[one.certified]
    named = ("contract", "stubs") if english else ("契约", "桩")
    digests = ", ".join(
        f"{name} {digest[:12]}" for name, digest in zip(named, (one.contract_sha256, one.stubs_sha256), strict=True)
    )
    differs = (" and " if english else "和").join(_DIFFERS[name][0 if english else 1] for name in one.differs)
    return template.format(digests=digests, findings=one.findings, differs=differs, folder=one.folder)
