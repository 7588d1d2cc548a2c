"""Beyond the happy path: what every page owes its readers, each as one expectation.

usable_by_all   no violation of WCAG 2.2 AA that axe can find
reads_in        a page in Chinese has no English left in it, and says its language
no_errors       nothing on the console, no failed request
no_overflow     nothing runs out of the page at 200 % text
"""

import re

from playwright.sync_api import Page

from harness.kit.uat.expectations import check
from harness.kit.uat.stage import current_stage

_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_NUMBERED = re.compile(r"\S*\d\S*")  # an order's number is in no language
_WORD = re.compile(r"[A-Za-z]{3,}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_TEXTS = """() => {
  const seen = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent || parent.closest('script, style, template, [translate=no], [lang]:not(html):not([lang^="LANG"])'))
      continue;
    if (parent.checkVisibility && !parent.checkVisibility()) continue;
    const text = node.textContent.trim();
    if (text) seen.push(text);
  }
  for (const one of document.querySelectorAll('[placeholder], [aria-label], [title], [alt]')) {
    if (one.closest('[translate=no], [lang]:not(html):not([lang^="LANG"])')) continue;
    for (const name of ['placeholder', 'aria-label', 'title', 'alt'])
      if (one.getAttribute(name)) seen.push(one.getAttribute(name).trim());
  }
  return seen;
}"""
_OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth;
  return [...document.body.querySelectorAll('*')]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().right > wide + 1)
    .map(one => one.tagName.toLowerCase() + (one.id ? '#' + one.id : '')).slice(0, 5);
}"""


def usable_by_all(page: Page) -> None:
    """Expect that axe finds no violation of WCAG 2.2 level A or AA on the page."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": {"type": "tag", "values": _WCAG}, "resultTypes": ["violations"]}
    violations = Axe().run(page, options=options).response["violations"]
    told = "; ".join(
        f"{one['help']} ({one['id']}): {', '.join(str(node['target'][0]) for node in one['nodes'][:3])}"
        for one in violations
    )
    check(not violations, f"the page is usable by all (WCAG 2.2 AA){': ' + told if told else ''}")


def reads_in(page: Page, language: str, *, names: tuple[str, ...] = ()) -> None:
    """Expect a page that is all in `language` ("zh" or "en"): its `lang`, and every word that people read.

    Left out are elements marked `translate="no"` or with another `lang`, numbers and what has digits in it,
    and the proper `names` given.
    """
    said = page.locator("html").get_attribute("lang") or ""
    check(said.split("-")[0].lower() == language, f"the page says that it is in {language}, found lang={said!r}")
    texts: list[str] = page.evaluate(_TEXTS.replace("LANG", language))
    foreign = [text for text in texts if _is_foreign(text, language, names)]
    told = f": {'; '.join(repr(text[:60]) for text in foreign[:5])}" if foreign else ""
    check(bool(texts) and not foreign, f"every word on the page is in {language}{told}")


def no_errors(page: Page) -> None:
    """Expect that nothing on the page has failed so far: no console error, no refused or failed request."""
    stage = current_stage()
    if stage is None:
        return
    page.wait_for_load_state()
    troubles = (*stage.console_errors, *stage.failed_requests)
    check(not troubles, f"the page works without errors{': ' + '; '.join(troubles[:5]) if troubles else ''}")


def no_overflow(page: Page, *, text_percent: int = 200) -> None:
    """Expect that nothing runs out of the page at the right when text is enlarged; the size is put back."""
    page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{text_percent}%")
    outside: list[str] = page.evaluate(_OVERFLOWING)
    page.evaluate("() => { document.documentElement.style.fontSize = '' }")
    told = f": {', '.join(outside)}" if outside else ""
    check(not outside, f"nothing runs out of the page at {text_percent} % text{told}")


def _is_foreign(text: str, language: str, names: tuple[str, ...]) -> bool:
    for name in names:
        text = text.replace(name, "")
    text = _NUMBERED.sub("", text)
    if language == "zh":
        return bool(_WORD.search(text)) and not _CHINESE.search(text)
    return bool(_CHINESE.search(text))
