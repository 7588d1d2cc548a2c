"use strict";
// The page's script, rendered once at the start. It speaks to the same API as everybody else.
(function () {
  const settings = JSON.parse(document.getElementById("settings").textContent);
  const texts = settings.texts;
  const byId = (id) => document.getElementById(id);
  const money = new Intl.NumberFormat(settings.language, { style: "currency", currency: "EUR" });
  const euros = (cents) => money.format(cents / 100);
  const names = Object.fromEntries(settings.products.map((product) => [product.sku, product.name]));
  const pageSize = 10;
  let shown = "open";
  let page = 1;
  let asked = 0;

  function say(text) { byId("alert").textContent = ""; byId("status").textContent = text; }
  function complain(text) { byId("status").textContent = ""; byId("alert").textContent = text; }

  async function call(method, path, body, headers) {
    const response = await fetch(path, {
      method,
      headers: { Authorization: "Bearer " + settings.token, ...(body ? { "Content-Type": "application/json" } : {}), ...headers },
      body: body ? JSON.stringify(body) : undefined,
    });
    const answer = await response.json();
    if (!response.ok) { throw new Error(texts.refused.replace("{detail}", answer.detail)); }
    return answer;
  }

  async function attempt(work) {
    try { await work(); } catch (error) {
      complain(error instanceof TypeError ? texts.unreachable : error.message);
    }
  }

  function showTotal() {
    const price = Number(byId("product").selectedOptions[0].dataset.price);
    const quantity = Number(byId("quantity").value) || 0;
    const cents = {% if has("wrong-total-on-page") %}quantity ? price : 0{% else %}price * quantity{% endif %};
    byId("total").textContent = euros(cents);
    byId("total").dataset.cents = String(cents);
  }

  async function place() {
    const form = byId("place");
    if (!form.reportValidity()) { return; }
    const button = byId("submit");
    button.disabled = true;
    await attempt(async () => {
      const order = await call("POST", "/orders", {
        customerId: settings.customerId,
        lines: [{ sku: byId("product").value, quantity: Number(byId("quantity").value) }],
        note: byId("note").value,
      }, { "Idempotency-Key": crypto.randomUUID ? crypto.randomUUID() : String(Date.now()) + "-" + Math.random().toString(36).slice(2) });
      form.reset();
      showTotal();
      await show("open");
      say(texts.order_placed.replace("{id}", order.id));
    });
    button.disabled = false;
  }

  async function cancel(order) {
    await attempt(async () => {
      await call("POST", "/orders/" + order.id + "/cancel");
      await show(shown);
      byId("invoice").hidden = true;
      say(texts.order_cancelled.replace("{id}", order.id));
    });
    byId("show-" + shown).focus();
  }

  function showInvoice(invoice) {
    byId("invoice").hidden = false;
    byId("invoice").dataset.invoice = invoice.id;
    byId("invoice-number").textContent = invoice.id;
    byId("invoice-order").textContent = invoice.orderId;
    byId("invoice-total").textContent = euros(invoice.totalCents);
    byId("invoice-status").textContent = {% if has("invoice-untranslated") %}invoice.status{% else %}texts["invoice_" + invoice.status] || invoice.status{% endif %};
    byId("pay").hidden = invoice.status !== "open";
  }

  async function openInvoice(order) {
    await attempt(async () => {
      showInvoice(await call("POST", "/orders/" + order.id + "/invoice"));
      byId("invoice-heading").focus();
    });
  }

  async function pay() {
    byId("pay-now").disabled = true;
    await attempt(async () => {
      const invoice = await call("POST", "/invoices/" + byId("invoice").dataset.invoice + "/pay", { source: byId("source").value });
      showInvoice(invoice);
      say(texts.invoice_settled.replace("{id}", invoice.id));
      byId("invoice-heading").focus();
    });
    byId("pay-now").disabled = false;
  }

  function cell(row, text) { const made = row.insertCell(); made.textContent = text; return made; }

  function row(order) {
    const made = document.createElement("tr");
    made.dataset.order = order.id;
    const heading = document.createElement("th");
    heading.scope = "row";
    heading.textContent = order.id;
    made.append(heading);
    cell(made, order.lines.map((line) => line.quantity + " × " + names[line.sku]).join(", "));
    cell(made, euros(order.totalCents));
    cell(made, texts["status_" + order.status] || order.status);
    const action = cell(made, "");
    if (shown === "open") {
      const bill = document.createElement("button");
      bill.type = "button";
      bill.className = "plain";
      bill.textContent = texts.invoice;
      bill.setAttribute("aria-label", texts.invoice + " " + order.id);
      bill.addEventListener("click", () => openInvoice(order));
      action.append(bill, " ");
    }
    if (shown === "open") {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "plain";
      button.textContent = texts.cancel;
      button.setAttribute("aria-label", texts.cancel + " " + order.id);
      {% if not has("dead-cancel-button") %}button.addEventListener("click", () => { button.disabled = true; cancel(order); });{% endif %}
      action.append(button);
    }
    return made;
  }

  async function fetchPage(number) {
    const statuses = shown === "open" ? ["placed", "confirmed"] : ["cancelled"];
    const query = (status) => "/orders?" + new URLSearchParams({ customerId: settings.customerId, status, page: number, limit: pageSize });
    const answers = await Promise.all(statuses.map((status) => call("GET", query(status))));
    const orders = answers.flatMap((answer) => answer.items);
    orders.sort((one, other) => other.createdAt.localeCompare(one.createdAt));
    return { orders, more: answers.some((answer) => answer.total > number * pageSize) };
  }

  async function show(which) {
    shown = which;
    page = 1;
    const turn = ++asked;
    const found = await fetchPage(1);
    if (turn !== asked) { return; }
    const open = which === "open";
    byId("show-open").setAttribute("aria-pressed", String(open));
    byId("show-cancelled").setAttribute("aria-pressed", String(!open));
    byId("orders").tBodies[0].replaceChildren(...found.orders.map(row));
    byId("orders").hidden = found.orders.length === 0;
    byId("none").textContent = open ? texts.none_open : texts.none_cancelled;
    byId("none").hidden = found.orders.length > 0;
    byId("more").hidden = !found.more;
  }

  async function showMore() {
    page += 1;
    const found = await fetchPage(page);
    byId("orders").tBodies[0].append(...found.orders.map(row));
    byId("more").hidden = !found.more;
  }

  byId("pay").addEventListener("submit", (event) => { event.preventDefault(); pay(); });
  byId("product").addEventListener("change", showTotal);
  byId("quantity").addEventListener("input", showTotal);
  {% if has("mouse-only-order") %}byId("place").addEventListener("submit", (event) => event.preventDefault());
  byId("place").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); } });
  byId("submit").addEventListener("click", place);
  {% else %}byId("place").addEventListener("submit", (event) => { event.preventDefault(); place(); });
  {% endif %}byId("show-open").addEventListener("click", () => attempt(() => show("open")));
  byId("show-cancelled").addEventListener("click", () => attempt(() => show("cancelled")));
  byId("more").addEventListener("click", () => attempt(showMore));
  showTotal();
  attempt(() => show("open"));
})();
