"""What nobody should see is covered inside the browser, before any picture is taken of it.

Elements with `data-private`, and those that the fixture `uat_masks` names by CSS selector, become one grey area in
every frame, screenshot and trace picture; their words are dots in page texts. The style sheet is constructed, not
written into the page, so a content security policy neither blocks nor notices it. Closed shadow roots get it, too.
"""

import json

from playwright.sync_api import Page

ALWAYS = ("[data-private]",)
_COVER = (
    "{ background: #505a5f !important; filter: contrast(0) brightness(.6) !important; overflow: clip !important;"
    " color: transparent !important; text-shadow: none !important; caret-color: transparent !important }"
)
_SCRIPT = """(() => {
  const sheet = new CSSStyleSheet();
  for (const selector of SELECTORS) try { sheet.insertRule(selector + COVER); } catch { /* no selector of CSS */ }
  const cover = root => { root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]; };
  cover(document);
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options); cover(root); return root; };
})()"""
# through open shadow roots, as the page's text goes; a field's words are no text of what is around it
_WORDS = """selectors => {
  const roots = root => [root, ...[...root.querySelectorAll('*')]
    .flatMap(one => one.shadowRoot ? roots(one.shadowRoot) : [])];
  const inside = one => [...(one.shadowRoot ? roots(one.shadowRoot) : []), ...roots(one).slice(1)];
  const found = selector => roots(document).flatMap(root => [...root.querySelectorAll(selector)]);
  const lines = node => /^(style|script|template)$/.test(node.localName) ? [] :
    (node.innerText ?? node.textContent ?? '').split('\\n');
  const typed = 'textarea, input:not([type=checkbox], [type=radio])';
  const covered = selectors.flatMap(found).flatMap(one => [
    one.value, one.getAttribute('aria-label'), one.alt, ...lines(one),
    ...inside(one).flatMap(root => [...root.childNodes].flatMap(lines)),
    ...[one, ...inside(one)].flatMap(root => [...root.querySelectorAll(typed)]).map(field => field.value)]);
  return covered.concat(found('input[type=password]').map(one => one.value))
    .filter(Boolean).map(one => String(one).trim()).filter(Boolean);
}"""


def cover_script(selectors: tuple[str, ...]) -> str:
    """What every document of a context runs before anything of its own."""
    return _SCRIPT.replace("SELECTORS", json.dumps(selectors)).replace("COVER", json.dumps(" " + _COVER))


def dotted(page: Page, text: str, selectors: tuple[str, ...]) -> str:
    """The page's text without what is covered and without what was typed into password fields."""
    words: list[str] = page.evaluate(_WORDS, list(selectors))
    for word in sorted(set(words), key=len, reverse=True):
        text = text.replace(word, "•••")
    return text
