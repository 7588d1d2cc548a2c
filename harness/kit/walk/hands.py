"""What a person does on the page after taking over: carried out, and named in words as a step of the record.

Two ways of equal rights: clicks and keys on the picture, or the page's own controls by their names. What is typed
is kept as text, but for password fields, what is covered, and what can't be seen into (frames, closed shadow roots):
there only that something was typed.
"""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Error, Page

from harness.kit.uat.stage import first_line

_KEYS = {
    *("Enter", "Tab", "Escape", "Backspace", "Delete", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"),
    *("Home", "End", "PageUp", "PageDown", "Space"),
}
_CONTROLS = "button, a[href], input:not([type=hidden]), select, textarea, [role=button], [role=link], [role=tab]"
_ROLES = {"button", "link", "checkbox", "radio", "tab"}
_MOST = 120
_WAIT_MS = 3000
# the nearest around that a selector names, out of open shadow roots, too
_ABOVE = "const above = (one, what) => one && (one.closest(what) || above(one.getRootNode().host, what));"
# role, name, kind and value of one control; the same words that a screen reader would say first
_TOLD = (
    f"(one, masks) => {{ {_ABOVE}"
    """
  if (!one) return null;
  const covered = masks.some(mask => above(one, mask));
  const secret = covered || one.type === 'password';
  const tag = one.tagName.toLowerCase();
  const role = one.getAttribute('role') || { a: 'link', select: 'list', textarea: 'field', button: 'button' }[tag]
    || (tag === 'input' ? ({ checkbox: 'checkbox', radio: 'radio', submit: 'button', button: 'button' }[one.type]
    || 'field') : tag);
  const label = one.labels && one.labels.length ? one.labels[0].innerText : '';
  const name = (one.getAttribute('aria-label') || label || one.placeholder || one.innerText || one.title
    || (role === 'button' && one.value) || one.name || '').trim().split('\\n')[0].slice(0, 80);
  const labelled = Boolean(one.getAttribute('aria-label') || label);
  return { role, name: covered ? '•••' : name, secret, labelled, covered, value: secret ? '' : String(one.value ?? ''),
    options: tag === 'select' ? [...one.options].map(o => o.label).slice(0, 60) : [] };
}"""
)
_ALL = f"""(all, [masks, most]) => all.map((one, at) => [one, at])
  .filter(([one]) => one.checkVisibility({{ checkVisibilityCSS: true }}) && !one.disabled).slice(0, most)
  .map(([one, at]) => ({{ at, ...({_TOLD})(one, masks) }}))"""
_AT = f"""([x, y, selector, masks]) => {{ {_ABOVE}
  const inside = (root, found = root.elementFromPoint(x, y)) => found && found.getRootNode() === root
    ? (found.shadowRoot && inside(found.shadowRoot)) || found : null;
  const found = inside(document);
  return ({_TOLD})(found && (above(found, selector) || found), masks);
}}"""
# where keys go: whatever is no field that we see (a frame, the host of a closed root) may hide a password
_FOCUSED = f"""masks => {{
  let one = document.activeElement;
  while (one && one.shadowRoot && one.shadowRoot.activeElement) one = one.shadowRoot.activeElement;
  const told = ({_TOLD})(one, masks);
  const seen = one && (one.matches('input, textarea, select')
    || (one.isContentEditable && !one.localName.includes('-')));
  return told && {{ ...told, secret: told.secret || !seen }};
}}"""


@dataclass(slots=True)
class Hands:
    """Does one thing at a time; gives how the step is called, in both languages, or nothing where nothing was done."""

    masks: tuple[str, ...]
    typed: str = ""
    into: str = ""
    field: str = ""

    def controls(self, page: Page) -> list[dict[str, Any]]:
        """The page's visible controls, for whoever works without the picture."""
        found: list[dict[str, Any]] = page.locator(_CONTROLS).evaluate_all(_ALL, [list(self.masks), _MOST])
        return found

    def act(self, page: Page, asked: dict[str, Any]) -> list[dict[str, str]]:
        """Carry out what the person did; the steps that are whole by now."""
        match asked.get("kind"):
            case "click":
                return [*self.typing_ended(), self._clicked(page, float(asked["x"]), float(asked["y"]))]
            case "wheel":
                page.mouse.wheel(0, float(asked["dy"]))
                return []
            case "type":
                return self._types(page, str(asked["text"])[:500])
            case "key" if asked.get("key") in _KEYS:
                return self._pressed(page, str(asked["key"]))
            case "use":
                return [*self.typing_ended(), *self._used(page, asked)]
            case _:
                return []

    def typing_ended(self) -> list[dict[str, str]]:
        """What was typed so far, as one step."""
        typed, into, field = self.typed, self.into, self.field
        self.typed = self.into = self.field = ""
        if not typed:
            return []
        code = f"{field}.fill({typed!r})" if field else f"page.keyboard.insert_text({typed!r})"
        return [_step(f"You typed {typed} into {into}", f"您在{into}中输入了{typed}", code)]

    def _clicked(self, page: Page, x: float, y: float) -> dict[str, str]:
        told = page.evaluate(_AT, [x, y, _CONTROLS, list(self.masks)]) or {"role": "page", "name": ""}
        page.mouse.click(x, y)
        code = f"{located(told)}.click()" if told["name"] else f"page.mouse.click({x:.0f}, {y:.0f})"
        return _step(f"You clicked {_named(told)}", f"您点击了{_named(told)}", code)

    def _types(self, page: Page, text: str) -> list[dict[str, str]]:
        told = page.evaluate(_FOCUSED, list(self.masks)) or {"role": "page", "name": "", "secret": True}
        ended = self.typing_ended() if self.into and self.into != _named(told) else []
        page.keyboard.insert_text(text)
        self.into = _named(told)
        self.field = located(told) if told["name"] else ""
        self.typed = "•••" if told["secret"] else self.typed + text
        return ended

    def _pressed(self, page: Page, key: str) -> list[dict[str, str]]:
        page.keyboard.press(key)
        if key == "Backspace" and self.typed and self.typed != "•••":
            self.typed = self.typed[:-1]
            return []
        return [
            *self.typing_ended(),
            _step(f"You pressed {key}", f"您按下了 {key}", f"page.keyboard.press({key!r})"),
        ]

    def _used(self, page: Page, asked: dict[str, Any]) -> list[dict[str, str]]:
        control = page.locator(_CONTROLS).nth(int(asked["at"]))
        told = control.evaluate(_TOLD, list(self.masks), timeout=_WAIT_MS)
        if told["name"] != asked.get("name"):
            return []  # the page changed meanwhile: what the person meant is no longer there
        value = str(asked.get("value", ""))[:500]
        shown = "•••" if told["secret"] else value
        if told["role"] == "list":
            control.select_option(label=value, timeout=_WAIT_MS)
            code = f"{located(told)}.select_option(label={shown!r})"
            return [_step(f"You chose {shown} in {_named(told)}", f"您在{_named(told)}中选择了{shown}", code)]
        if told["role"] == "field":
            control.fill(value, timeout=_WAIT_MS)
            code = f"{located(told)}.fill({shown!r})"
            return [_step(f"You typed {shown} into {_named(told)}", f"您在{_named(told)}中输入了{shown}", code)]
        control.click(timeout=_WAIT_MS)
        return [_step(f"You clicked {_named(told)}", f"您点击了{_named(told)}", f"{located(told)}.click()")]


def trouble_of(error: Error) -> str:
    """Why something could not be done, in one line."""
    return first_line(error)


def _named(told: dict[str, Any]) -> str:
    return f"{told['role']} “{told['name']}”" if told["name"] else str(told["role"])


def located(told: dict[str, Any]) -> str:
    """The line of a script that finds the same thing again, by the words that people see."""
    name = told["name"]
    if told["role"] in {"field", "list"}:
        return f"page.get_by_label({name!r}, exact=True)" if told["labelled"] else f"page.get_by_placeholder({name!r})"
    if told["role"] in _ROLES:
        return f"page.get_by_role({told['role']!r}, name={name!r}, exact=True)"
    return f"page.get_by_text({name!r}, exact=True)"


def _step(en: str, zh: str, code: str) -> dict[str, str]:
    return {"en": en, "zh": zh, "code": code}
