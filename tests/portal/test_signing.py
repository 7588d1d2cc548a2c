"""The signer's way, from being asked to the receipt; and every way that must not lead there."""

from harness.formats.bundle import read_bundle
from harness.model.signoff import Answer
from harness.portal.keys import public_key


def test_two_people_accept_and_the_gate_reads_it(portal):
    li, ana, code = portal.ready()
    assert li.accept(code, "order-desk").status_code == 200
    assert ana.accept(code, "finance").status_code == 200
    receipt = li.get(f"/packages/{code}/order-desk/receipt")
    assert receipt.status_code == 200
    assert "Accepted" in receipt.text
    headers = {"Authorization": f"Bearer {portal.token('read')}"}
    answer = portal.client.get("/api/v1/releases/2.4.1/bundle", headers=headers)
    bundle = read_bundle(answer.content, (public_key(),))
    assert [(one.criterion, one.answer) for one in bundle.signoffs] == [
        ("ORD-1", Answer.ACCEPTED),
        ("ORD-2", Answer.ACCEPTED),
        ("INV-1", Answer.ACCEPTED),
        ("INV-2", Answer.ACCEPTED),
    ]
