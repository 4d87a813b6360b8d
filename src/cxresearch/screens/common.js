// What both screens share: elements without HTML, the line to the kernel, and what may be called saved.

// An element with attributes, listeners (on...) and children; text becomes text, never HTML.
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// A phrase with its {values} filled in.
const fill = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// A button with its key on it. A click by mouse gives the focus back to the screen, so that Enter means "done".
function button(name, key, act, attributes = {}) {
  const onclick = (event) => {
    const screen = event.currentTarget.closest(".cx");
    act();
    if (event.detail) screen.focus({ preventScroll: true });
  };
  const shown = key && make("kbd", { "aria-hidden": "true" }, KEY_SIGNS[key] ?? key);
  const keys = key ? { "aria-keyshortcuts": key } : {};
  return make("button", { type: "button", onclick, ...keys, ...attributes }, shown, make("span", {}, name));
}

const KEY_SIGNS = { ArrowLeft: "←", ArrowRight: "→", Enter: "↵", Backspace: "⌫" };
const ANSWER_WITHIN = 2000; // milliseconds

// The screen's frame: messages to the kernel are numbered, and only what it has answered is shown as saved.
function frame(model, el, draw, tell) {
  const page = model.get("page");
  const { words } = page;
  const view = Math.random().toString(36).slice(2);
  const sign = make("div", { class: "cx-sign", role: "status" });
  const alarm = make("div", { class: "cx-alarm", role: "alert" });
  const root = make("div", {
    class: "cx", tabindex: "0", role: "region", lang: page.language, "aria-label": words.title,
    "data-lm-suppress-shortcuts": "true", // JupyterLab's own shortcuts keep out
  }, alarm);
  el.replaceChildren(root);
  let last = {}, sent = 0, answered = 0, lost = false, unsent = false, timer;

  function show() {
    const state = model.get("state");
    const mine = state.view === view;
    const waiting = unsent || sent > answered;
    const told = lost ? words.lost : mine && !waiting ? alertText(state.alert) : "";
    if (alarm.textContent !== told) alarm.textContent = told;
    root.classList.toggle("cx-lost", lost);
    for (const each of root.querySelectorAll("button")) each.setAttribute("aria-disabled", String(lost));
    const did = mine && state.said ? fill(words.said[state.said], tell(state, last)) : "";
    const saved = `✓ ${words.saved}${did && " · "}${did}`;
    const text = told ? "" : unsent ? words.unsent : waiting ? words.saving : saved;
    if (sign.textContent !== text) sign.textContent = text;
    sign.dataset.serial = waiting || told ? "" : state.serial;
  }
  const alertText = (alert) => alert && fill(words.refused, { why: words[alert] ?? alert });
  function lose() {
    lost = true;
    show();
  }
  function wait() {
    clearTimeout(timer);
    if (sent > answered) timer = setTimeout(lose, ANSWER_WITHIN);
  }
  // Once the kernel is lost nothing more is sent: it could be done later, unseen, or never.
  function send(act) {
    if (lost) return false;
    last = act;
    sent += 1;
    if (sent === answered + 1) wait();
    try {
      model.send({ act, comment: model.get("state").id, view, number: sent });
    } catch {
      lose();
    }
    show();
    return true;
  }
  function receive() {
    const state = model.get("state");
    if (state.view === view) answered = Math.max(answered, state.number);
    lost = false; // whatever comes from the kernel is as saved
    wait();
    draw(state);
    show();
  }
  model.on("change:state", receive);
  model.on("comm_live_update", lose);
  root.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") event.preventDefault(); // all is saved anyway
  });
  const typing = (yes) => {
    unsent = yes;
    show();
  };
  const close = () => {
    clearTimeout(timer);
    model.off("change:state", receive);
    model.off("comm_live_update", lose);
  };
  return { page, root, sign, send, typing, show, close };
}

// Give the screen the focus once it is drawn, unless the person is typing elsewhere by then.
function takeFocus(root) {
  let typing = false;
  const notice = () => (typing = true);
  document.addEventListener("keydown", notice, true);
  setTimeout(() => {
    document.removeEventListener("keydown", notice, true);
    if (!typing && root.isConnected) root.focus({ preventScroll: true });
  }, 250);
}

// A key that is a shortcut here: none in a field, with Alt or Ctrl, or Enter and Space on a button (they press it).
function shortcut(event) {
  if (event.isComposing || event.altKey || event.metaKey) return "";
  if (event.target.matches("input, textarea")) return "";
  if (event.ctrlKey) return event.key.toLowerCase() === "z" ? "Backspace" : "";
  const pressing = event.target.matches("button, summary") && ["Enter", " "].includes(event.key);
  return pressing ? "" : event.key;
}

// Text that does not fit its box can be scrolled by keyboard too.
function reachable(box) {
  box.scrollTop = 0;
  if (box.scrollHeight > box.clientHeight) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}

// Definition of a code in a fixed panel, which then describes the code's button. Definitions refer to other codes
// by their ids, which are English words: elsewhere by the names on the buttons.
function definitions(page) {
  const names = new Map(page.language === "en" ? [] : page.codes.map((code) => [code.code, `«${code.name}»`]));
  const named = (text) => text.replace(/\b[a-z]+(_[a-z]+)*\b/g, (word) => names.get(word) ?? word);
  const panel = make("aside", { class: "cx-definition", id: `cx-${Math.random().toString(36).slice(2)}` },
    make("p", { class: "cx-hint" }, page.words.hint));
  panel.setAttribute("aria-label", page.words.definition);
  let described;
  function describe(code, control) {
    described?.removeAttribute("aria-describedby");
    (described = control)?.setAttribute("aria-describedby", panel.id);
    const line = (kind) => make("p", {}, make("b", {}, `${page.words[kind]} `), named(code[kind]));
    panel.replaceChildren(make("p", {}, make("b", {}, `${code.name}. `), named(code.definition)),
      ...["include", "exclude", "example"].map(line));
    reachable(panel);
  }
  return { panel, describe };
}

// Attributes and text of a comment; announced when another comment comes.
function commentBox(page) {
  const attributes = make("p", { class: "cx-attributes" });
  const text = make("p", { class: "cx-text", "aria-live": "polite" });
  const box = make("article", { class: "cx-comment", "aria-label": page.words.comment }, attributes, text);
  const named = ([name, value]) =>
    name === "rating" ? fill(page.words.rating, { value }) : (name === "group" && page.words.groups[value]) || value;
  function showComment(state) {
    if (box.dataset.id === state.id) return;
    box.dataset.id = state.id;
    attributes.replaceChildren(...state.attributes.map((each) => make("span", {}, named(each))));
    text.textContent = state.text;
    text.lang = state.language;
    reachable(box);
  }
  return { box, showComment };
}
