// The person's side of a walkthrough. All words come from /words.json; all state from the server; nothing is decided here.
import { Marker } from "/mark.js";

const meta = name => document.querySelector(`meta[name=${name}]`).content;
const app = document.getElementById("app");
if (meta("walk-key")) {
  sessionStorage.setItem("walk-key", meta("walk-key"));
  sessionStorage.setItem("walk-session", meta("walk-session"));
  history.replaceState(null, "", "/");
}
const key = sessionStorage.getItem("walk-key") || "";
const only = sessionStorage.getItem("walk-session") || "";
let language = sessionStorage.getItem("walk-language") || document.documentElement.lang;
const catalogue = await (await fetch("/words.json")).json();
const word = name => catalogue[language][name] ?? name;
const sleep = ms => new Promise(done => setTimeout(done, ms));

function make(tag, { cls, text, on, ...attributes } = {}, ...children) {
  const one = document.createElement(tag);
  if (cls) one.className = cls;
  if (text !== undefined) one.textContent = text;
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) one.setAttribute(name, value === true ? "" : value);
  for (const [event, act] of Object.entries(on ?? {})) one.addEventListener(event, act);
  one.append(...children);
  return one;
}

function say(one, both) {
  const shown = language === "zh" && both.zh ? "zh" : "en";
  if (one.textContent !== both[shown]) one.textContent = both[shown];
  if (shown === language) one.removeAttribute("lang"); else one.lang = shown;
}

function put(one, text) { if (one.textContent !== text) one.textContent = text; }

function able(button, yes) { button.setAttribute("aria-disabled", yes ? "false" : "true"); }

async function call(path, options = {}) {
  return fetch(path, { ...options, headers: { "X-Walk-Key": key, ...(options.headers ?? {}) } });
}

function header(title, back) {
  document.documentElement.lang = language;
  document.title = word("page-title");
  const other = language === "zh" ? "en" : "zh";
  return make("header", {},
    title,
    ...(back ? [make("button", { cls: "small", type: "button", text: word("back"), on: { click: back } })] : []),
    make("button", { cls: "small", type: "button", text: word("language"), lang: other, on: { click: () => {
      language = other;
      sessionStorage.setItem("walk-language", language);
      start();
    } } }));
}

let turn = 0;
let open = only || sessionStorage.getItem("walk-open") || "";

function start() {
  turn += 1;
  if (open) new Walk(open, turn).run(); else list(turn);
}

function noKey() {
  turn += 1;
  app.replaceChildren(header(make("h1", { text: word("no-key") })), make("main", {}, make("p", { text: word("no-key-more") })));
}

async function list(mine) {
  const cards = make("ul", { cls: "cards" });
  const empty = make("p", { cls: "quiet", text: word("nothing-yet") });
  app.replaceChildren(header(make("h1", { text: word("list-title") })),
    make("main", {}, make("p", { cls: "said", text: word("list-intro") }), empty, cards));
  let before = "";
  while (mine === turn) {
    const reply = await call("/api/sessions").catch(() => null);
    if (reply && reply.status === 403) return noKey();
    const text = reply && reply.ok ? await reply.text() : before;
    if (text !== before) {
      before = text;
      const { sessions } = JSON.parse(text);
      empty.hidden = sessions.length > 0;
      cards.replaceChildren(...sessions.map(card));
    }
    await sleep(1000);
  }
}

function card({ session, items }) {
  const lines = items.map(item => {
    const name = make("strong");
    say(name, item.title);
    const state = item.answer ? "answered-" + item.answer : item.phase === "stopped" ? "was-stopped"
      : item.phase === "waiting" ? "waiting" : "going-on";
    return make("p", {}, `${item.criterion}  `, name, make("span", { cls: "quiet", text: `  ${word(state)}` }));
  });
  const go = make("button", { cls: "main", type: "button", text: word("start"),
    "aria-label": `${word("start")} ${items.map(item => item.criterion).join(" ")}`, on: { click: () => {
      open = session;
      sessionStorage.setItem("walk-open", session);
      start();
    } } });
  return make("li", {}, make("div", { cls: "grow" }, ...lines), go);
}

class Walk {
  constructor(session, mine) {
    this.session = session;
    this.mine = mine;
    this.version = 0;
    this.frame = 0;
    this.size = { width: 1280, height: 800 };
    this.painted = null;
    this.replaying = false;
    this.item = null;
    this.build();
  }

  build() {
    const button = (name, cls, act) => make("button", { cls, type: "button", text: word(name), on: { click: event => {
      if (event.currentTarget.getAttribute("aria-disabled") !== "true") act(); } } });
    this.title = make("h1");
    this.canvas = make("canvas", { role: "img", "aria-label": word("picture-of"), width: 1280, height: 800 });
    this.caption = make("div", { cls: "caption", "aria-hidden": "true" });
    this.screen = make("div", { cls: "screen" }, this.canvas);
    this.words = make("pre", { tabindex: "0", role: "region", "aria-label": word("in-words-of") });
    this.controls = make("div", { cls: "controls", tabindex: "0", role: "region", "aria-label": word("controls") });
    this.controlsTitle = make("h2", { text: word("controls") });
    this.status = make("p", { role: "status", cls: "quiet" });
    this.does = make("p", { cls: "said" });
    this.see = make("p", { cls: "said" });
    this.comes = make("p", { cls: "said", role: "status", hidden: true });
    this.next = button("next", "main", () => this.send("next", { at: this.item.coming }));
    this.again = button("again", "", () => this.replay());
    this.pace = make("select", { id: "pace", on: { change: () => this.send("pace", { pace: this.pace.value }) } },
      ...["fast", "normal", "slow", "slower"].map(one => make("option", { value: one, text: word("pace-" + one) })));
    this.take = button("take-over", "", () => this.send("take-over", { on: !this.item["taken-over"] }));
    this.takenNote = make("p", { cls: "note", text: word("taken-over"), hidden: true });
    this.question = make("h2", { id: "question", tabindex: "-1", text: word("question") });
    this.yes = button("yes", "", () => this.answer("yes"));
    this.no = button("no", "", () => this.ask("no"));
    this.cannot = button("cannot-tell", "", () => this.ask("cannot-tell"));
    this.later = make("p", { cls: "quiet", text: word("yes-later") });
    this.answers = make("div", { cls: "row answers", role: "group", "aria-labelledby": "question" }, this.yes, this.no, this.cannot);
    this.wordsLabel = make("label", { for: "why" });
    this.why = make("textarea", { id: "why" });
    this.marks = make("canvas", { tabindex: "0", role: "application", "aria-label": `${word("mark")}. ${word("mark-how")}` });
    this.marker = new Marker(this.marks);
    this.markBox = make("div", {}, make("h3", { text: word("mark") }), make("p", { cls: "quiet", text: word("mark-how") }),
      make("div", { cls: "screen" }, this.marks),
      make("div", { cls: "row" }, button("mark-clear", "small", () => this.marker.clear())));
    this.form = make("form", { hidden: true, on: { submit: event => { event.preventDefault(); this.answer(this.meant); } } },
      this.wordsLabel, this.why, this.markBox,
      make("div", { cls: "row" }, make("button", { cls: "main", text: word("send-answer") }),
        button("cancel", "", () => { this.form.hidden = true; this.no.focus(); })));
    this.thanks = make("p", { cls: "thanks", hidden: true, tabindex: "-1" });
    this.stoppedWhy = make("p", { cls: "quiet" });
    this.stopped = make("div", { cls: "stopped", role: "alert", hidden: true }, make("h2", { text: word("stopped") }),
      make("p", { text: word("stopped-more") }), this.stoppedWhy);
    this.ended = make("p", { cls: "note", text: word("ended"), hidden: true });
    this.soonText = make("span");
    this.soon = make("div", { cls: "note", role: "alert", hidden: true }, this.soonText, " ",
      button("still-here", "small", () => this.send("still-here")));
    this.lost = make("p", { cls: "note", role: "alert", hidden: true, text: word("lost") });
    this.steps = make("ol", { cls: "steps" });
    this.judging = make("section", { "aria-labelledby": "question" }, this.question, this.later, this.answers, this.form);
    const report = this.reportForm();
    app.replaceChildren(
      make("a", { cls: "skip", href: "#question", text: word("skip"), on: { click: event => { event.preventDefault(); this.question.focus(); } } }),
      header(this.title, only ? null : () => { open = ""; sessionStorage.removeItem("walk-open"); start(); }),
      make("main", {}, this.lost, this.soon, make("div", { cls: "walk" },
        make("section", { "aria-label": word("picture") }, this.caption, this.screen, this.takenNote,
          this.controlsTitle, this.controls, make("h2", { text: word("in-words") }), this.words),
        make("section", { "aria-label": word("what-we-do") }, this.status, this.stopped, this.thanks, this.ended,
          make("h2", { text: word("what-we-do") }), this.does, make("h2", { text: word("what-you-see") }), this.see,
          this.comes, make("div", { cls: "row" }, this.next, this.again),
          make("div", { cls: "row" }, make("label", { for: "pace", text: word("pace") }), this.pace, this.take),
          this.judging, report, make("h2", { text: word("done-so-far") }), this.steps))));
    this.listen();
  }

  reportForm() {
    const choice = (name, options) => make("select", { id: name }, ...options.map(([value, text]) => make("option", { value, text: word(text) })));
    const kind = choice("kind", [["does-not-work", "does-not-work"], ["wish", "wish"], ["question", "a-question"]]);
    const hurts = choice("hurts", [["must", "hurts-must"], ["should", "hurts-should"], ["could", "hurts-could"]]);
    const words = make("textarea", { id: "report-words" });
    const along = make("input", { type: "checkbox", id: "along", checked: true });
    const told = make("p", { role: "status" });
    const send = async event => {
      event.preventDefault();
      if (!words.value.trim()) { put(told, word("words-missing")); words.focus(); return; }
      const still = new Marker(make("canvas"));
      if (along.checked && this.frame) still.freeze(this.canvas);
      const reply = await this.send("report", { kind: kind.value, hurts: hurts.value, words: words.value,
        picture: along.checked && this.frame ? await still.png() : "" });
      put(told, reply.taken ? `${word("reported")} ${reply.id}` : word(reply.why));
      if (reply.taken) words.value = "";
    };
    return make("details", {}, make("summary", { text: word("report") }), make("form", { on: { submit: send } },
      make("label", { for: "kind", text: word("report-kind") }), kind,
      make("label", { for: "report-words", text: word("report-words") }), words,
      make("label", { for: "hurts", text: word("hurts") }), hurts,
      make("div", { cls: "row" }, along, make("label", { for: "along", text: word("with-picture") })),
      make("button", { text: word("send") }), told));
  }

  async run() {
    while (this.mine === turn) {
      try {
        const query = new URLSearchParams({ state: this.version, frame: this.frame });
        if (this.painted !== null) query.set("painted", this.painted);
        this.painted = null;
        const reply = await call(`/api/${this.session}/next?${query}`);
        if (this.mine !== turn) return;
        if (reply.status === 403) return noKey();
        if (reply.status === 404) { open = ""; sessionStorage.removeItem("walk-open"); return only ? noKey() : start(); }
        if (!reply.ok) throw new Error(reply.status);
        const { state, frame, body } = unpack(await reply.arrayBuffer())[0];
        this.lost.hidden = true;
        if (state) this.show(state);
        if (frame) await this.paint(frame, body);
      } catch {
        this.lost.hidden = false;
        await sleep(1000);
      }
    }
  }

  async paint(frame, body) {
    this.frame = frame.number;
    if (this.replaying) return;
    await this.draw(frame, body);
    this.painted = Math.max(0, Date.now() - frame.captured);
  }

  async draw(frame, body) {
    const picture = await createImageBitmap(new Blob([body], { type: "image/jpeg" }));
    this.size = frame;
    if (this.canvas.width !== picture.width || this.canvas.height !== picture.height)
      [this.canvas.width, this.canvas.height] = [picture.width, picture.height];
    this.canvas.getContext("2d").drawImage(picture, 0, 0);
    picture.close();
    await Promise.race([new Promise(requestAnimationFrame), sleep(200)]);
    this.canvas.dataset.frame = frame.number;
  }

  async replay() {
    if (this.replaying) return;
    this.replaying = true;
    able(this.again, false);
    try {
      const reply = await call(`/api/${this.session}/again`);
      const frames = unpack(await reply.arrayBuffer());
      for (const [index, { frame, body }] of frames.entries()) {
        const before = frames[index - 1];
        await sleep(before ? Math.min(1500, 2 * (frame.captured - before.frame.captured)) : 300);
        await this.draw(frame, body);
      }
      await sleep(500);
    } finally {
      this.replaying = false;
      this.frame = 0;
      able(this.again, true);
    }
  }

  show(state) {
    this.version = state.version;
    const item = state.items.find(one => one.item === state.now) ?? state.items[0];
    if (!item) return;
    const before = this.item;
    this.item = item;
    const over = item.phase === "stopped" || item.phase === "finished";
    say(this.title, { en: `${item.criterion}  ${item.title.en}`, zh: item.title.zh ? `${item.criterion}  ${item.title.zh}` : "" });
    const scripted = item.steps.filter(one => !one.taken);
    const told = scripted.at(-1);
    const shown = item.phase === "ready" ? scripted.at(-2) : told;
    const nothing = { en: "–", zh: "–" };
    say(this.does, shown ? shown.title : nothing);
    say(this.caption, shown ? shown.title : nothing);
    this.comes.hidden = item.phase !== "ready";
    if (item.phase === "ready") say(this.comes, { en: `${catalogue.en.comes} ${told.title.en}`,
      zh: told.title.zh ? `${catalogue.zh.comes}${told.title.zh}` : "" });
    say(this.see, shown && (shown.see.en || shown.see.zh) ? shown.see : item.statement);
    put(this.status, word({ ready: "ready", acting: "acting", asking: "all-shown", waiting: "waiting" }[item.phase] ?? "ended"));
    this.status.hidden = over;
    put(this.next, word(item.phase === "ready" && scripted.length === 1 ? "first" : "next"));
    able(this.next, item.phase === "ready" && !item["taken-over"]);
    this.pace.value = state.pace;
    put(this.take, word(item["taken-over"] ? "give-back" : "take-over"));
    able(this.take, item.phase === "ready" || item.phase === "asking");
    able(this.yes, item.phase === "asking");
    for (const one of [this.no, this.cannot]) able(one, ["ready", "acting", "asking"].includes(item.phase));
    this.later.hidden = item.phase === "asking";
    this.judging.hidden = Boolean(item.answer) || over;
    if (this.judging.hidden) this.form.hidden = true;
    this.thanks.hidden = !item.answer;
    if (item.answer) put(this.thanks, word("thanks-" + item.answer));
    this.stopped.hidden = item.phase !== "stopped";
    put(this.stoppedWhy, item.stopped);
    this.ended.hidden = !state.over || item.phase === "stopped";
    this.soon.hidden = state["ends-in-s"] === null;
    if (state["ends-in-s"] !== null) put(this.soonText, `${word("ends-soon")} ${state["ends-in-s"]}`);
    put(this.words, state.text || word("no-words-yet"));
    this.hands(item["taken-over"], state.controls, state.trouble);
    this.steps.replaceChildren(...item.steps.filter(one => one.outcome).map(one => {
      const line = make("li");
      say(line, one.title);
      if (one.taken) line.append(make("span", { cls: "quiet", lang: language, text: ` (${word("you-did")})` }));
      return line;
    }));
    if (item.answer && before && !before.answer && before.item === item.item) this.thanks.focus();
  }

  hands(mine, controls, trouble) {
    const changed = mine !== this.mineBefore;
    this.mineBefore = mine;
    this.takenNote.hidden = this.controls.hidden = this.controlsTitle.hidden = !mine;
    this.screen.classList.toggle("mine", mine);
    if (mine && trouble) put(this.takenNote, `${word("taken-over")} ${trouble}`); else put(this.takenNote, word("taken-over"));
    if (changed) {
      this.canvas.setAttribute("role", mine ? "application" : "img");
      if (mine) { this.canvas.tabIndex = 0; this.canvas.focus(); } else this.canvas.removeAttribute("tabindex");
    }
    const text = JSON.stringify(controls);
    if (!mine || text === this.controlsBefore || this.controls.contains(document.activeElement) && this.typing()) return;
    this.controlsBefore = text;
    const at = [...this.controls.querySelectorAll("button, input, select")].indexOf(document.activeElement);
    this.controls.replaceChildren(...controls.map(one => this.control(one)));
    if (at >= 0) this.controls.querySelectorAll("button, input, select")[at]?.focus();
  }

  typing() { return ["INPUT", "SELECT"].includes(document.activeElement?.tagName); }

  control(one) {
    const name = one.name || one.role;
    const use = (value = "") => this.send("input", { kind: "use", at: one.at, name: one.name, value });
    if (one.role !== "field" && one.role !== "list")
      return make("div", { cls: "row" }, make("button", { cls: "small", type: "button", text: `${one.role}: ${name}`, on: { click: () => use() } }));
    const id = `control-${one.at}`;
    const field = one.role === "list"
      ? make("select", { id }, ...one.options.map(text => make("option", { value: text, text })))
      : make("input", { id, type: one.secret ? "password" : "text", autocomplete: "off", value: one.value });
    return make("div", { cls: "row" }, make("label", { for: id, text: name }), field,
      make("button", { cls: "small", type: "button", text: word("set"), "aria-label": `${word("set")} ${name}`, on: { click: event => { event.currentTarget.focus(); use(field.value); } } }));
  }

  listen() {
    const at = event => {
      const box = this.canvas.getBoundingClientRect();
      return { x: (event.clientX - box.left) * this.size.width / box.width, y: (event.clientY - box.top) * this.size.height / box.height };
    };
    const input = values => { if (this.item?.["taken-over"]) this.send("input", values); };
    this.canvas.addEventListener("click", event => input({ kind: "click", ...at(event) }));
    this.canvas.addEventListener("wheel", event => {
      if (this.item?.["taken-over"]) { event.preventDefault(); input({ kind: "wheel", dy: event.deltaY }); } }, { passive: false });
    this.canvas.addEventListener("keydown", event => {
      if (!this.item?.["taken-over"] || event.key === "Tab" || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      if (event.key.length === 1) input({ kind: "type", text: event.key }); else input({ kind: "key", key: event.key });
    });
  }

  ask(meant) {
    this.meant = meant;
    put(this.wordsLabel, word(meant === "no" ? "expected" : "why-not"));
    this.markBox.hidden = meant !== "no" || !this.frame;
    if (!this.markBox.hidden) this.marker.freeze(this.canvas);
    this.form.hidden = false;
    this.why.focus();
  }

  async answer(answer) {
    const values = { answer, item: this.item.item };
    if (answer !== "yes") values.words = this.why.value;
    if (answer === "no" && !this.markBox.hidden) values.picture = await this.marker.png();
    const reply = await this.send("answer", values);
    if (reply.taken) this.form.hidden = true;
  }

  // The same key until there is a reply: whatever was lost on the way, it is done once.
  async send(what, values = {}) {
    const body = JSON.stringify({ key: crypto.randomUUID(), do: what, ...values });
    for (;;) {
      const reply = await call(`/api/${this.session}/do`, { method: "POST", body }).catch(() => null);
      if (reply && reply.status === 403) { noKey(); return { taken: false, why: "unknown" }; }
      if (reply && (reply.ok || reply.status === 409)) {
        const told = await reply.json();
        this.status.hidden = this.status.hidden && told.taken;
        if (!told.taken) put(this.status, word(told.why));
        return told;
      }
      if (reply && reply.status < 500) return { taken: false, why: "unknown" };
      this.lost.hidden = false;
      await sleep(1000);
    }
  }
}

function unpack(buffer) {
  const view = new DataView(buffer), found = [];
  for (let at = 0; at < buffer.byteLength;) {
    const head = view.getUint32(at);
    const { state, frame } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, at + 4, head)));
    const size = view.getUint32(at + 4 + head);
    found.push({ state, frame, body: new Uint8Array(buffer, at + 8 + head, size) });
    at += 8 + head + size;
  }
  return found;
}

start();
