"""Criteria that can't be judged as they are written: "fast" – how fast, and in whose eyes?

Advice, never a verdict: each piece names the criterion, what is unclear, and a question to answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.model.criteria import Criterion, Judged, Priority, Text

_VAGUE_EN = {
    "fast": "how fast, in seconds?",
    "quick": "how quick, in seconds?",
    "quickly": "within how many seconds?",
    "slow": "slower than how many seconds?",
    "soon": "within what time?",
    "easy": "for whom, and in how many steps?",
    "easily": "by whom, and in how many steps?",
    "simple": "for whom, and in how many steps?",
    "user-friendly": "what can which user do with it?",
    "intuitive": "who finds it without help?",
    "robust": "against what?",
    "flexible": "what can be changed, by whom?",
    "appropriate": "who says what is appropriate?",
    "reasonable": "who says what is reasonable?",
    "etc": "what else? name it all",
    "some": "how many?",
    "many": "how many?",
}
_VAGUE_ZH = {
    "快速": "多快？请写出秒数",
    "尽快": "在多长时间内？",
    "及时": "在多长时间内？",
    "方便": "对谁而言？需要几步？",
    "简单": "对谁而言？需要几步？",
    "友好": "哪类用户能完成什么？",
    "合理": "由谁判断是否合理？",
    "适当": "由谁判断是否适当？",
    "若干": "具体多少？",
    "等等": "还有什么？请全部列出",
}
_TWO_IN_ONE = re.compile(r"\band/or\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What is unclear in one criterion. `words` is what was found, empty where something is lacking."""

    criterion: str
    rule: str
    words: str
    question: str


def lint_criteria(criteria: tuple[Criterion, ...], languages: tuple[str, ...] = ("en", "zh")) -> tuple[Advice, ...]:
    """Everything worth asking the authors, criterion by criterion; what will not be done is left in peace."""
    return tuple(
        advice
        for criterion in criteria
        if criterion.priority is not Priority.WONT
        for advice in (*_vague(criterion), *_lacking(criterion, languages))
    )


def _vague(criterion: Criterion) -> Iterator[Advice]:
    if criterion.measure is None:
        for text in (criterion.title, criterion.statement):
            words = re.findall(r"[a-z-]+", text.en.lower())
            for word in (one for one in dict.fromkeys(words) if one in _VAGUE_EN):
                yield Advice(criterion=criterion.id, rule="vague", words=word, question=_VAGUE_EN[word])
            for word in (one for one in _VAGUE_ZH if one in text.zh):
                yield Advice(criterion=criterion.id, rule="vague", words=word, question=_VAGUE_ZH[word])
    if found := _TWO_IN_ONE.search(criterion.statement.en):
        question = "which of the two, or is it two criteria?"
        yield Advice(criterion=criterion.id, rule="two-in-one", words=found[0], question=question)


def _lacking(criterion: Criterion, languages: tuple[str, ...]) -> Iterator[Advice]:
    def lacks(rule: str, question: str) -> Advice:
        return Advice(criterion=criterion.id, rule=rule, words="", question=question)

    texts = {"title": criterion.title, "statement": criterion.statement}
    for name, text in texts.items():
        if "zh" in languages and not text.zh.strip():
            yield lacks("untranslated", f"what is the {name} in Chinese?")
    if any("zh" in languages and not step.zh.strip() for step in criterion.steps):
        yield lacks("untranslated", "what are the steps in Chinese?")
    if not criterion.owner:
        yield lacks("no-owner", "which business role signs for it?")
    if _same(criterion.title, criterion.statement):
        yield lacks("nothing-stated", "when exactly would you accept it?")
    if criterion.priority is Priority.MUST and criterion.judged is not Judged.BY_HAND and not criterion.evidence:
        yield lacks("no-evidence", "what should a signer be able to look at: a screenshot, page text, requests?")


def _same(one: Text, other: Text) -> bool:
    return one.en.strip().rstrip(".").lower() == other.en.strip().rstrip(".").lower()
