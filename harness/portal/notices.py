"""Mail to people: by the SMTP server that is set, else as files in the outbox. A notice that fails stops nothing."""

import smtplib
import threading
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from harness.portal.clock import now_ms
from harness.portal.models import Audit, Person
from harness.portal.settings import PORTAL
from harness.portal.words import say


def tell(person: Person, kind: str, attachment: tuple[str, bytes] | None = None, **values: object) -> None:
    """Write to a person in their language: `kind` names the words."""
    language = person.language
    message = EmailMessage()
    message["From"], message["To"] = PORTAL.mail_from, f"{person.name} <{person.email}>"
    message["Subject"] = say(language, f"mail.{kind}.subject", **values).replace("\n", " ")
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="harness.invalid")
    link = str(values.pop("link", ""))
    full = link if link.startswith("http") else PORTAL.url + link
    message.set_content(say(language, f"mail.{kind}", name=person.name, url=PORTAL.url, link=full, **values))
    if attachment is not None:
        name, body = attachment
        message.add_attachment(body, maintype="application", subtype="json", filename=name)
    if PORTAL.smtp:
        threading.Thread(target=_send, args=(message,), daemon=True).start()
    else:
        _to_file(message, PORTAL.data / "outbox")


def _to_file(message: EmailMessage, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{now_ms()}-{str(message['Message-ID']).strip('<>').split('@')[0]}.eml"
    path = folder / name
    path.touch(mode=0o600)
    path.write_bytes(message.as_bytes())


def _send(message: EmailMessage) -> None:
    parts = urlsplit(PORTAL.smtp)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(parts.hostname or "", parts.port or 0, timeout=20) as server:
            if parts.scheme == "smtp+starttls":
                server.starttls()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        Audit.objects.create(
            who="portal", what="mail", about=str(message["To"])[:200], outcome="failed", why=str(error)[:400]
        )
        _to_file(message, PORTAL.data / "outbox")
