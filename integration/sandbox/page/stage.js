"use strict";

const words = JSON.parse(document.getElementById("words").textContent);
const language = document.documentElement.lang;
const locale = language === "de" ? "de-DE" : "en-GB";
const seen = JSON.parse(sessionStorage.getItem("seen") || "{}");
const known = new Set();
let chosen = "anna";
let state = null;
let drawn = {};

const find = (selector, within = document) => within.querySelector(selector);

/** An element with text: never HTML, so names stay names. */
function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== "") element.textContent = text;
  return element;
}

function notice(text) {
  const box = find("#notice");
  box.textContent = text;
  box.hidden = !text;
}

async function post(path, body) {
  try {
    const response = await fetch(`/stage/${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    const answer = await response.json();
    notice(response.ok ? "" : `${words.error}: ${answer.error || response.status}`);
    return response.ok;
  } catch {
    notice(words.connection);
    return false;
  }
}

/** Draw only what changed, so that focus and scroll positions stay. */
function changed(key, value) {
  const text = JSON.stringify(value);
  if (drawn[key] === text) return false;
  drawn[key] = text;
  return true;
}

const time = (at) => new Date(at).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });

/* ---- story ---- */

function drawStory(story) {
  if (!changed("story", story)) return;
  const play = find("#play");
  play.disabled = story.running;
  play.textContent = story.running ? words.playing : words.play;
  find("#steps").replaceChildren(...story.steps.map((step) => {
    const item = make("li", step.state);
    item.append(make("span", "", step[language]));
    if (step.ok !== null) item.title = step.ok ? words.step_ok : words.step_bad;
    return item;
  }));
  const over = !story.running && story.steps.length > 0 && story.steps.every((step) => step.ok !== null);
  const good = story.steps.every((step) => step.ok);
  const verdict = find("#verdict");
  verdict.hidden = !over;
  verdict.className = good ? "" : "bad";
  verdict.textContent = good ? words.story_ok : words.story_bad;
}

/* ---- shops ---- */

function drawShops(shops) {
  for (const shop of shops) {
    if (!changed(`shop ${shop.key}`, shop)) continue;
    const list = find(`[data-shop=${shop.key}] .orders`);
    const rows = shop.orders.slice(0, 12).map((order) => orderRow(shop.key, order));
    list.replaceChildren(...(rows.length ? rows : [make("li", "none", words.no_orders)]));
    nameCart(find(`[data-shop=${shop.key}] form.order`));
  }
}

/** Who left a cart may come back; everybody else may leave one. */
function nameCart(form) {
  const shop = state && state.shops.find((one) => one.key === form.closest("[data-shop]").dataset.shop);
  const left = shop !== null && shop.left.includes(form.elements.customer.value);
  const button = find(".cart", form);
  button.textContent = left ? words.come_back : words.leave;
  button.dataset.act = left ? "return" : "leave";
}

function orderRow(shop, order) {
  const item = make("li");
  const head = make("div", "head");
  const number = order.number.startsWith("#") ? order.number : `#${order.number}`;
  const total = Number(order.total).toLocaleString(locale, { style: "currency", currency: "EUR" });
  head.append(make("b", "", `${number} ${order.name}`), make("span", `state ${order.state}`, words[order.state]));
  const consent = order.consent === null ? words.not_asked : order.consent ? words.agreed : words.declined;
  item.append(head, make("div", "meta", `${total} · ${order.phone || "–"} · ${consent}`));
  if (Number(order.refunded)) item.append(make("div", "meta", `${words.refunded_part} ${order.refunded} €`));
  for (const parcel of order.parcels) item.append(make("div", "meta", `${parcel.carrier} ${parcel.number}`));
  const acts = make("div", "acts");
  if (order.state === "open") acts.append(act(shop, order, "pay"));
  if (order.state === "open" || order.state === "paid") acts.append(act(shop, order, "ship"), act(shop, order, "cancel"));
  if (shop === "woocommerce" && order.state === "shipped") acts.append(act(shop, order, "ship", "second"));
  if (order.on_the_way) acts.append(act(shop, order, "deliver", order.on_the_way));
  if (["paid", "shipped"].includes(order.state)) acts.append(act(shop, order, "refund"));
  if (acts.childElementCount) item.append(acts);
  return item;
}

function act(shop, order, name, label = name) {
  const button = make("button", "", words[label]);
  button.type = "button";
  button.addEventListener("click", () => { button.disabled = true; post(name, { shop, order: order.id }); });
  return button;
}

/* ---- phone ---- */

function drawPeople(phones) {
  const outgoing = (phone) => phone.messages.filter((m) => m.direction === "out" && m.status !== "failed");
  const chosenPhone = phones.find((phone) => phone.key === chosen);
  if (chosenPhone && phoneVisible()) remember(chosenPhone.key, outgoing(chosenPhone).length);
  const rows = phones.map((phone) => ({
    key: phone.key, name: phone.name, unread: Math.max(0, outgoing(phone).length - (seen[phone.key] || 0)),
  }));
  find("[data-show=phone] .dot").hidden = !rows.some((row) => row.unread);
  if (!changed("people", [chosen, rows])) return;
  find(".people").replaceChildren(...rows.map(personButton));
}

function personButton(row) {
  const button = make("button");
  button.type = "button";
  button.setAttribute("role", "tab");
  button.setAttribute("aria-selected", String(row.key === chosen));
  button.append(make("span", "avatar", initials(row.name)), make("span", "", row.name.split(" ")[0]));
  if (row.unread) {
    const badge = make("span", "badge", String(row.unread));
    badge.title = words.unread;
    button.append(badge);
  }
  button.addEventListener("click", () => choose(row.key));
  return button;
}

const initials = (name) => /^\+?\d/.test(name) ? "#" : name.split(" ").map((part) => part[0]).join("").slice(0, 2);
const phoneVisible = () => find(".telephone").offsetParent !== null;

function remember(key, count) {
  seen[key] = count;
  sessionStorage.setItem("seen", JSON.stringify(seen));
}

function choose(key) {
  select(key);
  draw();
}

function select(key) {
  chosen = key;
  post("open", { customer: key });
}

function drawChat(phone) {
  if (!phone) return;
  const lastInbound = phone.window_until && new Date(phone.window_until) > new Date();
  find("#window").textContent = lastInbound ? `${words.window} ${dayAndTime(phone.window_until)}` : words.window_closed;
  find("#owner").textContent = `${words.owner} ${phone.name} · ${phone.number}`;
  find("#fate-of").textContent = phone.name;
  find("#faults [name=fate]").value = phone.fate;
  if (!changed("chat", [phone.key, phone.messages])) return;
  const chat = find("#chat");
  const atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80 || chat.dataset.owner !== phone.key;
  chat.dataset.owner = phone.key;
  const rows = phone.messages.flatMap((message, n) => {
    const day = dayOf(message.at);
    return n && day === dayOf(phone.messages[n - 1].at) ? [bubble(message)] : [make("div", "day", day), bubble(message)];
  });
  chat.replaceChildren(...(rows.length ? rows : [make("p", "empty", words.no_messages)]));
  if (atEnd) chat.scrollTop = chat.scrollHeight;
}

function dayOf(at) {
  const day = new Date(at).toLocaleDateString(locale, { day: "numeric", month: "long" });
  return day === new Date().toLocaleDateString(locale, { day: "numeric", month: "long" }) ? words.today : day;
}

const dayAndTime = (at) => new Date(at).toLocaleString(locale, { weekday: "short", hour: "2-digit", minute: "2-digit" });

function bubble(message) {
  const mine = message.direction === "in";
  const box = make("div", `bubble${mine ? " mine" : ""}${message.status === "failed" ? " failed" : ""}`);
  if (!known.has(message.id)) { known.add(message.id); box.classList.add("fresh"); }
  box.dataset.template = message.template;
  if (message.media.type) box.append(medium(message.media));
  if (message.header) box.append(make("div", "heading", message.header));
  const text = make("div", "text");
  text.append(...rich(message.body));
  box.append(text);
  if (message.footer) box.append(make("div", "foot", message.footer));
  const stamp = make("div", "stamp");
  stamp.append(make("span", "", time(message.at)), ticks(message));
  if (message.offer.text) {
    box.append(make("div", "offer", `${message.offer.text} · ${words.until} ${new Date(message.offer.ends).toLocaleString(locale)}`));
  }
  box.append(stamp, ...message.buttons.map((button) => press(message, button)));
  if (message.cards.length) box.append(cards(message));
  return box;
}

/** A picture that was uploaded is shown; all else is a named plate: nothing is fetched from addresses in a message. */
function medium(media) {
  if (media.type === "image" && /^[0-9]+$/.test(media.source)) {
    const picture = make("img", "picture");
    picture.src = `/stage/media/${media.source}`;
    picture.alt = words.image;
    return picture;
  }
  return make("div", "medium", `${words[media.type]} ${media.source}`);
}

function cards(message) {
  const row = make("div", "cards");
  row.tabIndex = 0;
  for (const card of message.cards) {
    const box = make("div", "card");
    const text = make("div", "text");
    text.append(...rich(card.body));
    box.append(medium(card.media), text, ...card.buttons.map((button) => press(message, button)));
    row.append(box);
  }
  return row;
}

function ticks(message) {
  const label = words[message.status] + (message.error ? ` (${message.error})` : "");
  if (message.status === "failed") return make("span", "ticks", `✕ ${label}`);
  const marks = { accepted: "◷", sent: "✓" }[message.status] || "✓✓";
  const element = make("span", `ticks ${message.status}`, marks);
  element.title = label;
  element.setAttribute("aria-label", label);
  element.setAttribute("role", "img");
  return element;
}

function press(message, button) {
  if (button.type === "url") {
    const link = make("a", "press", button.text);
    if (/^https?:\/\//.test(button.url)) { link.href = button.url; link.target = "_blank"; link.rel = "noopener noreferrer"; }
    return link;
  }
  const element = make("button", "press", button.type === "copy_code" ? `${words.copy}: ${button.text}` : button.text);
  element.type = "button";
  element.disabled = !button.payload || message.status === "failed";
  element.addEventListener("click", () => post("reply", {
    customer: chosen, button: { payload: button.payload, text: button.text, context: message.id },
  }));
  return element;
}

/** Links, *bold* and _italic_ as nodes. */
function rich(text) {
  return text.split(/(https?:\/\/[^\s]+|\*[^*\n]+\*|(?<![\p{L}\d])_[^_\n]+_(?![\p{L}\d]))/u).map((part) => {
    if (/^https?:\/\//.test(part)) {
      const link = make("a", "", part);
      link.href = part; link.target = "_blank"; link.rel = "noopener noreferrer";
      return link;
    }
    if (/^\*[^*\n]+\*$/.test(part)) return make("b", "", part.slice(1, -1));
    if (/^_[^_\n]+_$/.test(part)) return make("i", "", part.slice(1, -1));
    return document.createTextNode(part);
  });
}

/* ---- disturbances and log ---- */

function drawSettings(current) {
  const form = find("#faults");
  form.elements.account.value = current.account_fate ? String(current.account_fate) : "deliver";
  for (const [name, value] of Object.entries(current.settings)) form.elements[name].checked = value;
}

function drawLog(deliveries) {
  if (!changed("log", deliveries)) return;
  find("#log-count").textContent = deliveries.length ? `(${deliveries.length})` : "";
  const rows = deliveries.slice(-40).reverse().map((delivery) => {
    const item = make("li");
    const what = `${time(delivery.at)} ${delivery.source} · ${delivery.topic} ${delivery.subject}`;
    const answer = delivery.answers.at(-1) || words.pending;
    const tries = delivery.answers.length > 1 ? ` (×${delivery.answers.length})` : "";
    const mood = delivery.delivered ? " good" : delivery.answers.length ? " bad" : "";
    item.append(make("span", "", what), make("span", `answer${mood}`, answer + tries));
    return item;
  });
  find("#log").replaceChildren(...(rows.length ? rows : [make("li", "", words.no_log)]));
}

/* ---- life ---- */

/** During the story the phone follows the step, then whoever gets something. */
function follow(before, after) {
  if (!before || !after.story.running) return;
  const running = (story) => story.steps.find((step) => step.state === "running");
  const step = running(after.story);
  if (step && step.key !== (running(before.story) || {}).key) {
    if (step.customer !== chosen) select(step.customer);
    return;
  }
  const count = (phones, key) => (phones.find((phone) => phone.key === key) || { messages: [] }).messages.length;
  const grown = after.phones.filter((phone) => phone.messages.length > count(before.phones, phone.key));
  if (grown.length && !grown.some((phone) => phone.key === chosen)) select(grown[0].key);
}

function draw() {
  drawStory(state.story);
  drawShops(state.shops);
  drawPeople(state.phones);
  drawChat(state.phones.find((phone) => phone.key === chosen));
  drawSettings(state);
  drawLog(state.deliveries);
}

let busy = false;
let again = false;

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const fresh = await (await fetch("/stage/state")).json();
    follow(state, fresh);
    state = fresh;
    draw();
  } catch {
    notice(words.connection);
  }
  busy = false;
  if (again) { again = false; setTimeout(refresh, 60); }
}

function listen() {
  const events = new EventSource("/stage/events");
  events.addEventListener("changed", refresh);
  events.addEventListener("open", () => { if (!find("#notice").hidden) notice(""); });
  events.addEventListener("error", () => notice(words.connection));
}

function showView(view) {
  document.body.dataset.view = view;
  for (const button of document.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-selected", String(button.dataset.show === view));
  }
  if (state) draw();
  find("#chat").scrollTop = find("#chat").scrollHeight;
}

for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => showView(button.dataset.show));
}

async function submit(form, path, more) {
  const fields = form.elements;
  const order = {
    shop: form.closest("[data-shop]").dataset.shop, customer: fields.customer.value,
    consent: fields.consent.checked, ...more,
  };
  if (fields.phone.value) order.phone = fields.phone.value;
  if (chosen !== order.customer) select(order.customer);
  if (await post(path, order)) fields.phone.value = "";
}

for (const form of document.querySelectorAll("form.order")) {
  const fields = form.elements;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, "order", { paid: fields.paid.checked, duplicates: fields.repeat.checked ? 5 : 1 });
  });
  fields.customer.addEventListener("change", () => nameCart(form));
  find(".cart", form).addEventListener("click", (event) => submit(form, event.target.dataset.act || "leave", {}));
}

find("#write").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  const text = field.value;
  if (!text.trim()) return;
  field.value = "";
  if (!await post("reply", { customer: chosen, text })) field.value = text;
});

find("#faults").addEventListener("change", (event) => {
  const field = event.target;
  if (field.name === "fate") post("fate", { customer: chosen, fate: field.value });
  else if (field.name === "account") post("fate", { account: true, fate: field.value });
  else post("settings", { [field.name]: field.checked });
});

find("#play").addEventListener("click", () => {
  find("#play").disabled = true;
  post("story", { pause: 4 }).then(refresh);
});

if (document.documentElement.dataset.signin === "yes") find("#signin").submit();
refresh().then(listen);
select(chosen);
