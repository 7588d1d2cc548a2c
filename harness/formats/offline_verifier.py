"""Check an acceptance bundle or a log export offline, years later, with nothing of the harness.

    python verify.py acceptance-2.4.1.zip --key ed25519:… [--checkpoint checkpoints.txt]

Needs Python 3.11 and the package `cryptography`. The key is the portal's, as your gate's policy pins it: never believe
the one inside the bundle. A checkpoint is what somebody outside kept of the log. Exit status 0: everything holds;
1: something does not, and is named; 3: it holds by the bundle's own key alone, which proves nothing.
"""

import argparse
import base64
import hashlib
import json
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256


class Wrong(Exception):
    """What does not hold."""


def need(held: Any, why: str) -> None:
    """Wrong unless it holds."""
    if not held:
        raise Wrong(why)


def canonical(value: Any) -> Any:
    """RFC 8785 for text, whole numbers, true, false, null, lists and objects."""
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(one)}" for key, one in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(one) for one in value) + "]"
    need(not isinstance(value, float), "a fraction in a signed document")
    return json.dumps(value, ensure_ascii=False)


def document(body: Any, where: Any) -> Any:
    """Canonical JSON, or Wrong."""
    try:
        value = json.loads(body)
        same = canonical(value).encode() == body
    except (ValueError, RecursionError) as error:
        raise Wrong(f"{where} is not JSON") from error
    need(same, f"{where} is not written canonically")
    return value


def tagged(tag: Any, body: Any) -> Any:
    """The digest of a document under its kind's tag."""
    return hashlib.sha256(tag.encode() + b"\0" + body).digest()


def unzip(body: Any) -> Any:
    """The members of an archive that was written in the one allowed way."""
    members, central, at = {}, b"", 0
    while body[at : at + 4] == b"PK\3\4":
        need(len(body) >= at + 30, "the archive breaks off")
        size, width = struct.unpack_from("<I4xH", body, at + 18)
        name = body[at + 30 : at + 30 + width]
        data = body[at + 30 + width : at + 30 + width + size]
        head = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0)
        need(
            body[at + 4 : at + 30] == head and name.decode("ascii", "replace") not in members, "the archive was changed"
        )
        central += b"PK\1\2" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, at) + name
        members[name.decode("ascii", "replace")] = data
        at += 30 + width + size
    count = len(members)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(central), at, 0)
    need(count and body[at:] == central + end, "the archive was changed, or cut, or is of another kind")
    return members


def verified(key: Any, signature: Any, said: Any) -> Any:
    """Whether an Ed25519 key signed it."""
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, said)
    except InvalidSignature:
        return False
    return True


def unseal(body: Any, kind: Any, key: Any) -> Any:
    """The payload of a DSSE envelope."""
    data = json.loads(body)
    payload = base64.b64decode(data["payload"])
    said = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    signed = any(verified(key, base64.b64decode(one["sig"]), said) for one in data["signatures"])
    need(signed and data["payloadType"] == kind, f"{kind} is not signed by that key")
    return payload


def root(leaves: Any) -> Any:
    """RFC 6962."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


def checkpoint(note: Any, key: Any) -> Any:
    """(name of the log, size, root) of a C2SP checkpoint that the key signed."""
    text, _, signatures = note.rpartition(b"\n\n")
    need(signatures.endswith(b"\n"), "the checkpoint breaks off")
    text += b"\n"
    origin, size, top = text.decode().splitlines()[:3]
    wanted = hashlib.sha256(origin.encode() + b"\n\1" + key).digest()[:4]
    for line in signatures.decode().splitlines():
        mark, name, blob = line.split(" ")
        raw = base64.b64decode(blob, validate=True)
        if (mark, name, raw[:4]) == ("—", origin, wanted) and verified(key, raw[4:], text):
            return origin, int(size), base64.b64decode(top, validate=True)
    raise Wrong("the checkpoint is not signed by that key")


def notes(body: Any) -> Any:
    """The checkpoints in a file that a witness kept: each is a text, an empty line, and signature lines."""
    found: list[bytes] = []
    signed = True
    for line in body.splitlines(keepends=True):
        begins = signed and not line.startswith("—".encode())
        if begins and line == b"\n":
            continue
        if begins:
            found.append(b"")
        found[-1] += line
        signed = line.startswith("—".encode())
    return found


def check_log(note: Any, leaves: Any, lines: Any, key: Any, anchors: Any) -> Any:
    """The entries told, each in the log, countersigned, and the log as others saw it."""
    origin, size, top = checkpoint(note, key)
    need(size == len(leaves) and root(leaves) == top, "the log is not the one that the checkpoint was signed over")
    for anchor in anchors:
        name, earlier, seen = checkpoint(anchor, key)
        need(name == origin, "the outside checkpoint is of another log")
        need(earlier <= size, f"the log was cut, or this is an older copy: outside, {earlier} entries were seen")
        need(
            root(leaves[:earlier]) == seen, f"the log was written anew: its first {earlier} entries are others outside"
        )
    entries, last = [], (-1, -1)
    for line, countersignature in lines:
        entry = document(line, "an entry")
        index = entry["index"]
        need(0 <= index < size and leaves[index] == leaf(line), f"entry {index} is not the one in the log")
        signed = verified(key, base64.b64decode(countersignature), tagged("harness/countersignature", line))
        need(signed, f"entry {index} is not countersigned")
        need(last[0] < index and last[1] <= entry["at_ms"], f"entry {index} is out of its place or time")
        last = (index, entry["at_ms"])
        entries.append(
            (
                entry["kind"],
                index,
                entry["at_ms"],
                document(entry["body"].encode(), f"entry {index}") if entry["body"][:1] == "{" else {},
            )
        )
    return entries


def leaf(line: Any) -> Any:
    """The leaf hash of an entry."""
    return hashlib.sha256(b"\0" + line).digest()


def raw64(text: Any) -> Any:
    """Base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cose(body: Any) -> Any:
    """A COSE key as a flat map."""
    at = 0

    def head() -> Any:
        nonlocal at
        kind, number = body[at] >> 5, body[at] & 31
        at += 1
        if number >= 24:
            width = 1 << (number - 24)
            number = int.from_bytes(body[at : at + width])
            at += width
        return kind, number

    def value() -> Any:
        nonlocal at
        kind, number = head()
        if kind < 2:
            return number if kind == 0 else -1 - number
        at += number
        return body[at - number : at]

    return {value(): value() for _ in range(head()[1])}


def check_passkey(assertion: Any, challenge: Any) -> Any:
    """That the passkey's owner, verified, signed this challenge on this site."""
    client, said = raw64(assertion["client_data"]), raw64(assertion["authenticator_data"])
    data = json.loads(client)
    need(data["type"] == "webauthn.get" and raw64(data["challenge"]) == challenge, "it is over something else")
    need(data["origin"] == assertion["origin"] and not data.get("crossOrigin"), "it was asked for by another page")
    host = assertion["origin"].split("://")[1].split(":")[0]
    need(host == assertion["rp_id"] or host.endswith("." + assertion["rp_id"]), "the page is of another site")
    need(said[:32] == hashlib.sha256(assertion["rp_id"].encode()).digest(), "it is for another site")
    need(said[32] & 5 == 5, "the person was not verified")
    key, signature = cose(raw64(assertion["public_key"])), raw64(assertion["signature"])
    body = said + hashlib.sha256(client).digest()
    try:
        if key[3] == -7:
            numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(key[-2]), int.from_bytes(key[-3]), ec.SECP256R1())
            numbers.public_key().verify(signature, body, ec.ECDSA(SHA256()))
        elif key[3] == -8:
            ed25519.Ed25519PublicKey.from_public_bytes(key[-2]).verify(signature, body)
        else:
            public = rsa.RSAPublicNumbers(int.from_bytes(key[-2]), int.from_bytes(key[-1])).public_key()
            public.verify(signature, body, padding.PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise Wrong("it is not by this passkey") from error


def filled(package: Any, statement: Any) -> Any:
    """The words that the package has for this decision, with what is the signer's own."""
    wanted = (statement["language"], statement["decision"])
    text = [one["text"] for one in package["wordings"] if (one["language"], one["decision"]) == wanted]
    need(text, "the package has no such words")
    parts = text[0].replace("{", "\0{").replace("}", "}\0").split("\0")
    conditions = [f"{at}. {one['text']}" for at, one in enumerate(statement.get("conditions", []), 1)]
    own = {"{name}": statement["name"], "{title}": statement["title"], "{reason}": statement.get("reason", "")}
    own["{conditions}"] = "\n".join(conditions)
    return "".join(own.get(part, part) for part in parts)


def check_signature(where: Any, told: Any, packages: Any, entries: Any) -> Any:
    """One signature: package, words, person, passkey."""
    statement, number = told["statement"], told["number"]
    package = packages.get(statement["package_sha256"])
    need(package is not None, f"{where} is of a package that is not here")
    frozen = [
        at
        for kind, at, _, one in entries
        if kind == "package-frozen" and one["package_sha256"] == statement["package_sha256"]
    ]
    need(frozen and frozen[-1] < number, f"{where} is of a package that was not frozen before it")
    need(statement["text"] == filled(package, statement), f"{where} is over other words than the package's")
    need(statement["issued_ms"] <= told["signed_ms"] < statement["expires_ms"], f"{where} came too late")
    rules = [one["rule"] for one in told["eligibility"]]
    allowed = all(one["held"] for one in told["eligibility"]) and len(set(rules)) == len(rules) == 16
    need(allowed and statement["side"] == "business", f"{where}: the person was not allowed to sign")
    check_answers(where, package, statement, told["signed_ms"])
    grades = ["password", "totp", "passkey"]
    need(grades.index(told["grade"]) >= grades.index(package["grade"]), f"{where} is of too low a grade")
    check_assertion(where, told, statement["person"], "harness/acceptance-statement", statement, entries)


def check_person(where: str, told: Any, entries: Any) -> None:
    """That the person joined as business, in this name, was given the role by others, had no hand in the release."""
    said, number = told["statement"], told["number"]
    named = [(at, one) for _, at, _, one in entries if at < number and one.get("person") == said["person"]]
    joined = [one for _, one in named if one.get("kind") == "harness/acceptance-person"]
    need(len(joined) == 1, f"{where} is by somebody who never joined")
    me = joined[0]
    same = [me[name] == said[name] for name in ("name", "title", "side")]
    need(all(same) and me["side"] == "business", f"{where}: joined as {me['name']}, of the {me['side']} side")
    frozen = next(
        (at, one)
        for kind, at, _, one in entries
        if kind == "package-frozen" and one["package_sha256"] == said["package_sha256"]
    )
    roles: dict[str, Any] = {}
    administers = False
    for at, one in named:
        if at >= frozen[0]:
            administers = administers or "admin" in roles
        if one.get("kind") == "harness/acceptance-role":
            roles.setdefault(one["role"], []).append(one)
        if one.get("kind") == "harness/acceptance-role-ended":
            roles.pop(one["role"], None)
    given = [{"", said["person"], one.get("by", ""), one.get("approved_by", "")} for one in roles.get(said["role"], [])]
    need(any(len(one) == 4 for one in given), f"{where}: the role was not given by two others")
    hands = {one["person"] for one in frozen[1].get("acts", [])}
    hands |= {who for at, sha256, who in late_hands(entries) if at < number and sha256 == said["package_sha256"]}
    need(not hands & {said["person"], me["mail"]}, f"{where}: the person had a hand in the release")
    need(not administers and "admin" not in roles, f"{where}: the person administers the portal")
    resets = [one["at_ms"] for _, one in named if one.get("kind") == "harness/acceptance-reset"]
    settled = all(told["signed_ms"] - at_ms >= 86_400_000 for at_ms in resets)
    need(settled, f"{where}: the person was given a new way in less than a day before")


def late_hands(entries: Any) -> Any:
    """Who had a hand in the release of a package, told after it was frozen: number, package, mail or id."""
    told = [(at, one) for _, at, _, one in entries if one.get("kind") == "harness/acceptance-hands"]
    return [(at, one["package_sha256"], act["person"]) for at, one in told for act in one["acts"]]


def check_answers(where: Any, package: Any, statement: Any, now: Any) -> Any:
    """The rules of deciding: a Must works, a Should works or has a condition, a refusal has a reason."""
    asked = [
        one
        for one in package["criteria"]
        if one.get("owner", "") in (statement["role"], "") and one["priority"] != "wont"
    ]
    versions = {one["id"]: one["sha256"] for one in asked}
    given, conditions = statement.get("answers", []), statement.get("conditions", [])
    said = {one["criterion"]: one["said"] for one in given}
    named = [one["criterion"] for one in conditions]
    need(asked and len(said) == len(given) and len(set(named)) == len(named), f"{where} answers twice, or nothing")
    need(
        all(versions.get(one["criterion"]) == one["criterion_sha256"] for one in given), f"{where} answers other words"
    )
    need(set(named) <= set(versions), f"{where} has a condition on what was not asked")
    complete = all(one["text"].strip() and one["owner"].strip() and one["due_ms"] > now for one in conditions)
    need(complete, f"{where} has a condition that is not complete")
    need(
        (statement["decision"] == "accept-with-conditions") == bool(conditions),
        f"{where}: conditions and decision differ",
    )
    if statement["decision"] == "reject":
        need(statement.get("reason", "").strip(), f"{where} refuses without a reason")
        return
    for one in asked:
        works = said.get(one["id"]) == "yes" and one.get("outcome") != "failed"
        need(one["id"] in said or one["priority"] == "could", f"{where} leaves {one['id']} open")
        need(works or one["priority"] != "must", f"{where} accepts {one['id']}, which must work and does not")
        need(works or one["priority"] != "should" or one["id"] in named, f"{where} has no condition on {one['id']}")


def check_assertion(where: Any, told: Any, person: Any, tag: Any, signed: Any, entries: Any) -> Any:
    """The passkey's signature, by a passkey that its person enrolled before."""
    assertion = told.get("assertion")
    need((told["grade"] == "passkey") == bool(assertion), f"{where} lacks the signature that its grade names")
    if not assertion:
        return
    enrolled = [
        one
        for kind, at, _, one in entries
        if kind == "credential"
        and at < told["number"]
        and one.get("credential") == assertion["credential"]
        and one["public_key"] == assertion["public_key"]
    ]
    need(any(one["person"] == one["by"] == person for one in enrolled), f"{where} is by a passkey never enrolled")
    removed = {
        one["credential"]
        for _, at, _, one in entries
        if at < told["number"] and one.get("kind") == "harness/acceptance-passkey-removed" and one["person"] == person
    }
    need(assertion["credential"] not in removed, f"{where} is by a passkey that was removed before")
    body = canonical({"kind": tag, "version": 1, **signed}).encode()
    try:
        check_passkey(assertion, tagged(tag, body))
    except Wrong as error:
        raise Wrong(f"{where}: {error}") from error


def check_pinned(entries: Any, passkeys: Any) -> None:
    """That everything is signed by a passkey whose fingerprint is known from elsewhere."""
    for kind, number, _, told in entries:
        if kind in ("signature", "withdrawal") and passkeys:
            raw = raw64(told["assertion"]["public_key"]) if told.get("assertion") else b""
            mark = "passkey:" + hashlib.sha256(raw).hexdigest()
            need(raw and mark in passkeys, f"{kind} {number} is by {mark}, which is none of those that are named")


def check_bundle(members: Any, key: Any, anchors: Any, passkeys: Any) -> Any:
    """A whole bundle; gives sentences."""
    index = document(unseal(members["index.json"], "application/vnd.harness.acceptance-index+json", key), "the index")
    found = [
        {"name": name, "sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
        for name, body in members.items()
        if name != "index.json"
    ]
    need(index["members"] == found, "a member is not as the index says")
    for name, body in members.items():
        need(name[:9] != "evidence/" or name[9:] == hashlib.sha256(body).hexdigest(), f"{name} is not what it says")
    packages = {
        tagged("harness/acceptance-package", body).hex(): document(body, name)
        for name, body in members.items()
        if name.startswith("manifests/")
    }
    proofs = document(members["log/proofs.json"], "the proofs")
    lines = members["log/entries.ndjson"].split(b"\n")[:-1]
    need(len(lines) == len(proofs), "entries and proofs do not match")
    signed = [one["countersignature"] for one in proofs]
    body = members["log/leaves.bin"]
    leaves = [body[at : at + 32] for at in range(0, len(body), 32)]
    entries = check_log(members["log/checkpoint.txt"], leaves, list(zip(lines, signed, strict=True)), key, anchors)
    nonces, lasting = [], []
    for kind, number, at_ms, told in entries:
        if kind == "signature":
            need(
                (told["number"], told["signed_ms"]) == (number, at_ms), f"entry {number} and the signature in it differ"
            )
            check_signature(f"signature {number}", told, packages, entries)
            check_person(f"signature {number}", told, entries)
            nonces.append(told["statement"]["nonce"])
            lasting.append(told)
        if kind == "condition-met":
            set_by = [one["statement"] for one in lasting if one["number"] == told["signature"]]
            known = {(one["person"], each["criterion"]) for one in set_by for each in one.get("conditions", [])}
            need(
                (told["by"], told["criterion"]) in known,
                f"entry {number} says a condition met that its teller never set",
            )
        if kind == "withdrawal":
            said = told["withdrawal"]
            need(said["issued_ms"] <= told["withdrawn_ms"] < said["expires_ms"], f"withdrawal {number} came too late")
            mine = [one for one in lasting if digest_of(one["statement"]) == said["statement_sha256"]]
            need(
                len(mine) == 1 and mine[0]["statement"]["person"] == said["person"], f"withdrawal {number} is nobody's"
            )
            grades = ["password", "totp", "passkey"]
            need(
                grades.index(told["grade"]) >= grades.index(mine[0]["grade"]),
                f"withdrawal {number} is of a lower grade than the signature that it takes back",
            )
            check_assertion(
                f"withdrawal {number}", told, said["person"], "harness/acceptance-withdrawal", said, entries
            )
            nonces.append(said["nonce"])
    need(len(set(nonces)) == len(nonces), "one challenge was signed twice")
    check_pinned(entries, passkeys)
    signoffs = json.loads(unseal(members["sign-offs.json"], "application/vnd.harness.bundle+json", key))
    need(not signoffs.get("waivers"), "it has waivers, and nothing in the log shows that anybody gave them")
    read = [tuple(one[name] for name in _TOLD) for one in signoffs.get("signoffs", [])]
    need(read == sorted(follows(packages, lasting, entries)), "the sign-offs are not those that follow from the log")
    return [
        f"signature {one['number']} holds: {one['statement']['name']}, {one['statement']['decision']}"
        for one in lasting
    ]


_TOLD = ("number", "criterion", "answer", "person", "role", "release", "nonce", "tier", "grade", "signed_ms")


def follows(packages: Any, lasting: Any, entries: Any) -> Any:
    """What the gate may read: of each person in each role the newest, not taken back, of packages that still stand."""
    void = {one["package_sha256"] for kind, _, _, one in entries if kind == "package-void"}
    taken = {one["withdrawal"]["statement_sha256"]: at for kind, at, _, one in entries if kind == "withdrawal"}
    mails = {one["person"]: one["mail"] for *_, one in entries if one.get("kind") == "harness/acceptance-person"}
    late = late_hands(entries)
    newest = {
        (one["statement"]["package_sha256"], one["statement"]["person"], one["statement"]["role"]): one
        for one in lasting
    }
    for (sha256, person, role), one in newest.items():
        statement, package = one["statement"], packages[sha256]
        if sha256 in void or taken.get(digest_of(statement), -1) > one["number"]:
            continue
        told_later = any(
            at > one["number"] and of == sha256 and who in (person, mails.get(person)) for at, of, who in late
        )
        if told_later and statement["decision"] != "reject":
            continue
        said = {given["criterion"]: given["said"] for given in statement.get("answers", [])}
        conditions = {condition["criterion"] for condition in statement.get("conditions", [])}
        asked = [c["id"] for c in package["criteria"] if c.get("owner", "") in (role, "") and c["priority"] != "wont"]
        for place, criterion in enumerate(asked):
            answer = answered(statement["decision"], said, conditions, criterion)
            if answer:
                who = f"{statement['name']} ({person})"
                about = (package["release"], package["nonce"], package["tier"], one["grade"], one["signed_ms"])
                yield (one["number"] * 10_000 + place, criterion, answer, who, role, *about)


def answered(decision: str, said: Any, conditions: Any, criterion: str) -> str:
    """One person's answer to one criterion, empty where there is none to tell."""
    if decision == "reject":
        return "rejected"
    if criterion in conditions:
        return "conditioned"
    return "accepted" if said.get(criterion) == "yes" else ""


def digest_of(statement: Any) -> Any:
    """What a withdrawal names a statement by."""
    body = canonical({"kind": "harness/acceptance-statement", "version": 1, **statement}).encode()
    return tagged("harness/acceptance-statement", body).hex()


def check(body: Any, key: Any, anchors: Any, passkeys: Any = ()) -> Any:
    """Sentences about what holds; Wrong with the first thing that does not."""
    try:
        members = unzip(body)
        if "entries.ndjson" not in members:
            return check_bundle(members, key, anchors, passkeys)
        lines = members["entries.ndjson"].split(b"\n")[:-1]
        signed = members["countersignatures.txt"].decode().splitlines()
        need(len(lines) == len(signed), "entries and countersignatures do not match")
        pairs = list(zip(lines, signed, strict=True))
        entries = check_log(members["checkpoint.txt"], [leaf(one) for one in lines], pairs, key, anchors)
        need([one[1] for one in entries] == list(range(len(entries))), "the numbers have a gap")
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        RecursionError,
        UnsupportedAlgorithm,
        struct.error,
    ) as error:
        raise Wrong(f"a part is not of the shape it must have ({type(error).__name__}: {error})") from error
    return [f"the log holds: {len(entries)} entries"]


def main(words: Any = None) -> Any:
    """Check the file that is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", help="the portal's public key, ed25519:<base64>, from where you trust it")
    parser.add_argument("--checkpoint", type=Path, help="checkpoints that were kept outside")
    parser.add_argument(
        "--passkey", action="append", default=[], help="passkey:<hex>, one that may sign; again for more"
    )
    args = parser.parse_args(words)
    body = args.file.read_bytes()
    try:
        own = args.key or json.loads(unzip(body)["keys.json"])["portal"]
        key = base64.b64decode(own.removeprefix("ed25519:"), validate=True)
        said = check(body, key, notes(args.checkpoint.read_bytes()) if args.checkpoint else [], args.passkey)
    except (Wrong, ValueError, KeyError) as error:
        sys.stdout.write(f"DOES NOT HOLD: {error}\n")
        return 1
    sys.stdout.write("".join(f"{one}\n" for one in said))
    if not args.key:
        sys.stdout.write(
            f"by the bundle's own key alone: {own}\ncompare it with the one that your gate's policy pins\n"
        )
        return 3
    if not args.checkpoint:
        sys.stdout.write(
            "no outside checkpoint was given: a log that was written anew as a whole would not be noticed\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
