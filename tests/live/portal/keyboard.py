"""A person who has a keyboard and no mouse: Tab to what is called so, then Enter or Space."""

from playwright.sync_api import Page

MOST_TABS = 120
_FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return ['', false];
  const label = one.labels && one.labels.length ? one.labels[0].innerText : '';
  const name = one.getAttribute('aria-label') || label || one.innerText || one.value || '';
  const style = getComputedStyle(one);
  return [name.replace(/\\s+/g, ' ').trim(), style.outlineStyle !== 'none' || style.boxShadow !== 'none'];
}"""


class NotReached(AssertionError):
    """No number of Tabs leads there, or one can't see that one is there."""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is called so has the focus, visibly."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        called, visible = page.evaluate(_FOCUSED)
        if called.startswith(name):
            if not visible:
                raise NotReached(f"{name!r} has the focus and does not show it")
            return
    raise NotReached(f"no number of Tabs leads to {name!r} on {page.url}")


def press(page: Page, name: str, key: str = "Enter") -> None:
    """Go there and press."""
    tab_to(page, name)
    page.keyboard.press(key)


def fill(page: Page, name: str, text: str) -> None:
    """Go there and type."""
    tab_to(page, name)
    page.keyboard.type(text)
