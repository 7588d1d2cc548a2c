"""A workspace whose preprod tier was run: criteria of two roles with pictures, and a gate that waits for signatures."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from harness.actions.releasing import declare
from harness.actions.running import prepare
from harness.adapters.host import Host
from harness.adapters.releases import note_run
from harness.adapters.run_directory import Draft
from harness.formats.documents import digest, write_document
from harness.formats.shape import to_json
from harness.model.evidence import Attachment, Closed, Outcome, Record, Seen
from harness.rules.judging import judge

RELEASE = "2.4.1"
_TIER = """\
[systems.hub]
base-url = "http://127.0.0.1:9"
contract = "../contracts/hub.yaml"
[policy]
suites = ["uat"]
"""
_CONTRACT = """\
openapi: 3.1.0
info: {title: hub, version: "1"}
paths:
  /a:
    get: {operationId: a, responses: {"200": {description: ok}}}
"""
_GATE = """\
[trust]
portal = ["KEY"]
[to.prod]
needs.preprod = { suites = ["uat"], max-age = "24 h" }
[to.prod.acceptance]
must = "all"
should = "signed or conditioned"
roles = ["order-desk", "finance"]
grade = "passkey"
max-age = "14 days"
"""
_CRITERIA = (
    ("ORD-1", "must", "order-desk", "An order shows the right total", "订单显示正确的合计金额",
     "When I choose a product and a quantity I see price times quantity before I order.",
     "选择商品和数量后，下单前我看到单价乘以数量的金额。"),
    ("ORD-2", "must", "order-desk", "A placed order is confirmed", "提交的订单得到确认",
     "When I have placed an order that can be delivered, I see that it is confirmed.",
     "提交能够交付的订单后，我看到订单状态为已确认。"),
    ("ORD-3", "should", "order-desk", "Each list has only its own orders", "每个列表只含相应状态的订单",
     "Under cancelled I see no open order.", "在已取消列表中我看不到未结订单。"),
    ("INV-1", "must", "finance", "An invoice follows the delivery", "交货后开具发票",
     "When an order is delivered its invoice is there the same day.", "订单交付当天即可看到发票。"),
    ("INV-2", "could", "finance", "Invoices can be searched by amount", "可按金额搜索发票",
     "I find an invoice by typing its amount.", "输入金额即可找到发票。"),
)  # fmt: skip
_SCRIPT = "".join(f"def test_{one[0].lower().replace('-', '_')}():\n    pass\n\n\n" for one in _CRITERIA)


def make_workspace(root: Path, key: str) -> Path:
    """The files, declared and with a gate that pins the portal's key."""
    for folder in ("environments", "contracts", "uat"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for order, tier in enumerate(("preprod", "prod"), 2):
        (root / "environments" / f"{tier}.toml").write_text(f"order = {order}\n{_TIER}")
    (root / "environments" / "gate.toml").write_text(_GATE.replace("KEY", key))
    (root / "contracts" / "hub.yaml").write_text(_CONTRACT)
    (root / "uat" / "criteria.toml").write_text("".join(_criterion(*one) for one in _CRITERIA))
    (root / "uat" / "test_orders.py").write_text(_SCRIPT)
    return root


def run_preprod(root: Path, pictures: dict[str, bytes]) -> str:
    """A closed run of the tier as an engine would have left it; gives its id."""
    host = Host()
    declare(host, root, RELEASE, ())
    _, _, plan = prepare(host, root, "preprod", seed=1, release=RELEASE)
    draft = Draft(root, plan.run)
    sealed = draft.seal_plan(write_document(plan))
    note_run(root, plan.release, plan.run, sealed)
    now = host.now_ms()
    criteria = {one.id: one for job in plan.jobs for one in getattr(job.work, "criteria", ())}
    seen = []
    for check in plan.checks:
        shown = tuple(
            Attachment(name=name, media_type=_kind(name), sha256=draft.store(body), size=len(body))
            for name, body in pictures.items()
        )
        version = criteria[check.id.rpartition("/")[2]].sha256[:12]
        made = Seen(
            check=check.id,
            job="uat:orders",
            outcome=Outcome.PASSED,
            attachments=shown,
            labels=(("criterion-version", version),),
            started_ms=now,
            ended_ms=now + 5,
        )
        seen.append(made)
        draft.append({"event": "seen", **to_json(made)})
    record = Record(
        run=plan.run,
        tier="preprod",
        plan_sha256=sealed,
        started_ms=now,
        ended_ms=host.now_ms(),
        closed=Closed.COMPLETE,
        seen=tuple(seen),
    )
    draft.write("verdict.json", write_document(judge(plan, record, sealed)))
    body = write_document(record)
    note_run(root, plan.release, plan.run, sealed, digest(body))
    draft.close(body)
    return plan.run


def harness(root: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command line, in the workspace."""
    import os

    return subprocess.run(
        [sys.executable, "-m", "harness", *words],
        cwd=root,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
    )


def _kind(name: str) -> str:
    return "image/png" if name.endswith("screenshot") else "text/plain"


def _criterion(id_: str, priority: str, owner: str, en: str, zh: str, statement_en: str, statement_zh: str) -> str:
    texts = json.dumps(en, ensure_ascii=False), json.dumps(zh, ensure_ascii=False)
    said = json.dumps(statement_en, ensure_ascii=False), json.dumps(statement_zh, ensure_ascii=False)
    return (
        f'[[criteria]]\nid = "{id_}"\ntitle = {{ en = {texts[0]}, zh = {texts[1]} }}\n'
        f'statement = {{ en = {said[0]}, zh = {said[1]} }}\npriority = "{priority}"\nphase = 1\nowner = "{owner}"\n'
        f'judged = "assisted"\ndemonstration = "test_orders.py::test_{id_.lower().replace("-", "_")}"\n'
        'evidence = ["screenshot"]\n\n'
    )


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
