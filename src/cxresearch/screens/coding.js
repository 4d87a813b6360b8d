// One comment at a time. Nothing looks pressed or done until the kernel has saved it and says so.

const MEMO_PAUSE = 600; // milliseconds without typing after which a memo is sent

function render({ model, el }) {
  const screen = frame(model, el, draw, tell);
  const { page, root, send } = screen;
  const { words } = page;
  const { panel, describe } = definitions(page);
  const { box, showComment } = commentBox(page);

  // Codes, family by family
  const byKey = new Map(page.codes.filter((code) => code.key).map((code) => [code.key, code]));
  const names = new Map(page.codes.map((code) => [code.code, code.name]));
  const codeButtons = new Map();
  const toggle = (code) => act({ do: "toggle", code: code.code });
  for (const code of page.codes) {
    const node = button(code.name, code.key, () => toggle(code), {
      class: "cx-toggle",
      onfocus: () => describe(code, node),
      onmouseenter: () => describe(code, node),
    });
    codeButtons.set(code.code, node);
  }
  const families = page.families.map(([family, name]) =>
    make("div", { class: "cx-family", role: "group", "aria-label": name }, make("h4", {}, name),
      ...page.codes.filter((code) => code.family === family).map((code) => codeButtons.get(code.code))));

  // Sentiment, doubt, memo
  const labels = new Map(page.labels.map((label, n) =>
    [label, button(words[label], String(n + 1), () => act({ do: "label", sentiment: label }),
      { class: "cx-toggle" })]));
  const doubt = button(words.unsure, "?", () => act({ do: "doubt" }), { class: "cx-toggle" });
  const memo = make("textarea", {
    rows: "1", maxlength: "5000", "aria-label": words.memo, placeholder: words.memo, "aria-keyshortcuts": ".",
    oninput: () => {
      screen.typing(true);
      clearTimeout(memoTimer);
      memoTimer = setTimeout(sendMemo, MEMO_PAUSE);
    },
    onblur: sendMemo,
  });
  let memoTimer;
  function sendMemo() {
    clearTimeout(memoTimer);
    if (memo.value === memo.dataset.sent || root.classList.contains("cx-lost")) return;
    memo.dataset.sent = memo.value;
    screen.typing(false);
    send({ do: "remember", memo: memo.value });
  }
  // Whatever is done, a memo that is still being written goes first: it belongs to the comment in view.
  function act(message) {
    sendMemo();
    send(message);
  }

  let unlabelled = false; // of the comment finished last
  function finishIt() {
    unlabelled = !model.get("state").sentiment;
    act({ do: "finish" });
  }

  // Search
  const found = make("ul", { class: "cx-found", "aria-label": words.found });
  let searchTimer;
  const search = make("input", {
    type: "search", "aria-label": words.search, placeholder: words.search, "aria-keyshortcuts": "/",
    oninput: () => {
      clearTimeout(searchTimer);
      searchTimer = setTimeout(() => send({ do: "search", text: search.value }), 150);
    },
  });
  const searchBox = make("div", { class: "cx-search" }, make("kbd", { "aria-hidden": "true" }, "/"), search, found);
  function closeSearch() {
    clearTimeout(searchTimer);
    search.value = "";
    found.replaceChildren();
  }
  function goTo(id) {
    closeSearch();
    act({ do: "go", to: id });
    root.focus({ preventScroll: true });
  }

  // Going on
  const previous = button(words.previous, "ArrowLeft", () => act({ do: "go", to: -1 }));
  const next = button(words.next, "ArrowRight", () => act({ do: "go", to: 1 }));
  const finish = button(words.finish, "Enter", () => finishIt(), { class: "cx-main" });
  const undo = button(words.undo, "Backspace", () => act({ do: "undo" }));
  const machine = button(words.show_machine, "", () => act({ do: "show_machine" }), { hidden: !page.machine });
  const machineCodes = make("span", { class: "cx-machine" });
  const place = make("h3", { class: "cx-place" });
  const done = make("span", {});
  const finished = make("strong", {});

  root.append(
    make("div", { class: "cx-bar" }, place, finished, done, make("span", {}, `${words.coder} ${page.who}`), searchBox,
      screen.sign),
    make("div", { class: "cx-top" }, box, panel),
    make("div", { class: "cx-row" },
      make("div", { role: "group", "aria-label": words.sentiment, class: "cx-group" }, ...labels.values()),
      doubt, make("kbd", { "aria-hidden": "true" }, "."), memo),
    make("div", { class: "cx-codes" }, ...families),
    make("div", { class: "cx-row" }, previous, next, finish, undo, machine, machineCodes),
    make("p", { class: "cx-keys" }, make("span", { class: "cx-on" }, words.keys),
      make("strong", { class: "cx-off" }, words.keys_off)),
  );

  // Keys, while the screen has the focus
  const keys = {
    ArrowLeft: previous, ArrowRight: next, Enter: finish, Backspace: undo, "?": doubt,
    ...Object.fromEntries(page.labels.map((label, n) => [n + 1, labels.get(label)])),
  };
  const held = new Set(["ArrowLeft", "ArrowRight"]); // the only keys that may be held down
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target !== root) {
      if (searchBox.contains(event.target)) closeSearch();
      root.focus({ preventScroll: true });
      event.preventDefault();
      return;
    }
    if (event.target === search && event.key === "Enter") found.querySelector("button")?.click();
    if (event.target === memo && event.key === "Enter") {
      event.preventDefault();
      root.focus({ preventScroll: true });
      return;
    }
    const key = shortcut(event);
    const code = byKey.get(key) ?? byKey.get(key.toLowerCase()); // whatever Caps Lock says
    const field = { "/": search, ".": memo }[key];
    if (!code && !keys[key] && !field) return;
    event.preventDefault();
    if (event.repeat && !held.has(key)) return;
    if (field) field.focus();
    else if (code) {
      describe(code, codeButtons.get(code.code));
      toggle(code);
    } else keys[key].click();
  });

  function press(node, yes) {
    node.setAttribute("aria-pressed", String(yes));
  }
  // What was done last, for the phrase that says so
  function tell(state, { do: did, code }) {
    const yes = did === "toggle" ? state.codes.includes(code) : state.unsure;
    const without = unlabelled ? words.without : "";
    const label = words[state.sentiment] ?? "–";
    return { without, label, what: names.get(code), value: yes ? words.yes : words.no };
  }
  function draw(state) {
    showComment(state);
    place.textContent = fill(words.place, state);
    done.textContent = fill(words.done, state);
    finished.textContent = state.finished ? `✓ ${words.is_done}` : "";
    for (const [code, node] of codeButtons) press(node, state.codes.includes(code));
    for (const [label, node] of labels) press(node, state.sentiment === label);
    press(doubt, state.unsure !== "");
    if (state.alert) memo.dataset.sent = state.memo; // what was refused is still to be sent
    const another = memo.dataset.comment !== state.id;
    if (another || (document.activeElement !== memo && memo.value === memo.dataset.sent)) {
      memo.value = memo.dataset.sent = state.memo; // never over what is being written
      memo.dataset.comment = state.id;
    }
    machine.hidden = !page.machine || state.machine !== null;
    const given = state.machine?.map((code) => names.get(code) ?? code).join(", ") || "–";
    machineCodes.textContent = state.machine ? fill(words.machine, { codes: given }) : "";
    const inFound = found.contains(document.activeElement);
    found.replaceChildren(...(state.found ?? []).map(([id, told]) => make("li", {}, button(told, "", () => goTo(id)))));
    if (search.value && state.found?.length === 0) found.append(make("li", {}, words.nothing));
    if (inFound) search.focus();
  }
  memo.dataset.sent = "";
  draw(model.get("state"));
  screen.show();
  takeFocus(root);
  return screen.close;
}

export default { render };
