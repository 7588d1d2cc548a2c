"""The exact words that people sign, in both languages, filled for one package; and what a condition says.

What is the signer's own (name, title, conditions, reason) is filled in when they sign; the rest is frozen before.
"""

from harness.model.acceptance import Decision, Wording

LANGUAGES = ("en", "zh")
_WORDS = {
    ("en", Decision.ACCEPT): (
        "I, {{name}}, {{title}}, have tried or looked at the items above on {tier}, version {release}, and "
        "accept them for phase {phase}. My signature means: acceptance on behalf of the business."
    ),
    ("en", Decision.CONDITIONS): (
        "I, {{name}}, {{title}}, have tried or looked at the items above on {tier}, version {release}, and "
        "accept them for phase {phase} on these conditions:\n{{conditions}}\nMy signature means: conditional "
        "acceptance on behalf of the business."
    ),
    ("en", Decision.REJECT): (
        "I, {{name}}, {{title}}, do not accept {project}, version {release} as it is on {tier}, for phase {phase}. My "
        "reason: {{reason}}\nMy signature means: refusal on behalf of the business."
    ),
    ("zh", Decision.ACCEPT): (
        "本人 {{name}}（{{title}}）已在 {tier} 环境试用或查看上述各项（版本 {release}），并就第 {phase} 阶段予以接受。"
        "本人签名的含义：代表业务方接受。"
    ),
    ("zh", Decision.CONDITIONS): (
        "本人 {{name}}（{{title}}）已在 {tier} 环境试用或查看上述各项（版本 {release}），"
        "并就第 {phase} 阶段在下列条件下予以接受：\n{{conditions}}\n本人签名的含义：代表业务方有条件接受。"
    ),
    ("zh", Decision.REJECT): (
        "本人 {{name}}（{{title}}）不接受 {tier} 环境上的 {project}（版本 {release}），第 {phase} 阶段。"
        "理由：{{reason}}\n本人签名的含义：代表业务方拒绝接受。"
    ),
}


def wordings_for(project: str, release: str, tier: str, phase: int) -> tuple[Wording, ...]:
    """Every decision in every language. Braces in a name stay what they are."""
    values = {"project": project, "release": release, "tier": tier, "phase": str(phase)}
    return tuple(
        Wording(language=language, decision=decision, text=_filled(text, values))
        for (language, decision), text in _WORDS.items()
    )


def _filled(text: str, values: dict[str, str]) -> str:
    return text.format(**{key: value.replace("{", "(").replace("}", ")") for key, value in values.items()})
