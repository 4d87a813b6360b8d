// The differences of one comment at a time: who says what, what is decided, and why.

function render({ model, el }) {
  const screen = frame(model, el, draw, tell);
  const { page, root, send } = screen;
  const { words } = page;
  const { panel, describe } = definitions(page);
  const { box, showComment } = commentBox(page);
  const codes = new Map(page.codes.map((code) => [code.code, code]));

  const table = make("table", { class: "cx-table" });
  const agreed = make("p", { class: "cx-agreed" });
  const place = make("h3", { class: "cx-place" });
  const done = make("span", { class: "cx-done" });
  const reasons = make("datalist", { id: `${panel.id}-reasons` });
  const previous = button(words.previous, "ArrowLeft", () => send({ do: "go", to: -1 }));
  const next = button(words.next, "ArrowRight", () => send({ do: "go", to: 1 }));
  root.append(
    make("div", { class: "cx-bar" }, place, done, make("span", {}, `${words.by} ${page.who}`), screen.sign),
    make("div", { class: "cx-top" }, box, panel),
    agreed, table, reasons,
    make("div", { class: "cx-row" }, previous, next),
    make("p", { class: "cx-keys" }, make("span", { class: "cx-on" }, words.keys_adjudication),
      make("strong", { class: "cx-off" }, words.keys_off)),
  );

  // Chosen or written, but not yet with a reason: by comment and item, so that going away and back loses nothing
  const drafts = new Map();
  let rows = [], at = 0, sending = "";

  const name = (item) => codes.get(item)?.name ?? words[item] ?? item;
  const side = (item, coder) =>
    item === "sentiment" ? words[coder.sentiment] ?? "–" : coder.codes.includes(item) ? words.given : words.not_given;
  function tell(state, { item, decision }) {
    return { what: name(item), value: words[decision] };
  }
  const options = (item) =>
    (item.item === "sentiment" ? page.labels : ["yes", "no"]).map((each, n) => [each, words[each], String(n + 1)]);

  // One difference: each coder's side, the decision, the reason.
  function row(item, { id: comment, coders }) {
    const title = name(item.item);
    const id = `${comment}|${item.item}`;
    const draft = drafts.get(id) ?? { decision: item.decision, reason: item.reason };
    const mark = make("span", { class: "cx-mark" });
    const choices = options(item).map(([label, word, key]) => [label, button(word, key, () => choose(label), {
      class: "cx-toggle", "aria-label": `${title}: ${word}`,
    })]);
    const reason = make("input", {
      type: "text", value: draft.reason, maxlength: "5000", list: reasons.id, placeholder: words.reason,
      "aria-label": `${words.reason}: ${title}`,
      oninput: () => {
        draft.reason = reason.value;
        note();
      },
    });
    const save = button(words.save, "", decide, { "aria-label": `${words.save}: ${title}` });
    function note() {
      if (draft.decision === item.decision && draft.reason === item.reason) drafts.delete(id);
      else drafts.set(id, draft);
      show();
      screen.typing(drafts.size > 0);
    }
    function show() {
      const unsaved = drafts.has(id);
      for (const [label, node] of choices) node.setAttribute("aria-pressed", String(draft.decision === label));
      mark.textContent = unsaved ? words.unsaved_decision : item.decision ? `✓ ${item.by}` : words.open;
      node.classList.toggle("cx-unsaved", unsaved);
    }
    function choose(label) {
      draft.decision = label;
      note();
      reason.focus();
    }
    function decide() {
      if (!draft.decision || !draft.reason.trim()) return (draft.decision ? reason : choices[0][1]).focus();
      const { decision, reason: why } = draft;
      if (send({ do: "decide", comment_id: comment, item: item.item, decision, reason: why })) sending = id;
    }
    const cells = coders.map((coder) => make("td", {}, side(item.item, coder)));
    const node = make("tr", { tabindex: "-1", onfocusin: enter }, make("th", { scope: "row" }, title), ...cells,
      make("td", {}, make("div", { class: "cx-group" }, ...choices.map(([, each]) => each))),
      make("td", {}, make("div", { class: "cx-reason" }, reason, save)), make("td", {}, mark));
    function enter() {
      at = rows.findIndex((each) => each.node === node);
      for (const each of rows) each.node.classList.toggle("cx-current", each.node === node);
      const code = codes.get(item.item);
      if (code) describe(code, choices[0][1]);
    }
    show();
    return { node, item, reason, decide, choose };
  }

  function heading(coders) {
    const head = (text) => make("th", { scope: "col" }, text);
    const notes = coders.map(({ memo, unsure }) =>
      make("td", {}, unsure ? make("b", {}, `? ${words.unsure}. `) : null, memo));
    return make("thead", {},
      make("tr", {}, head(words.item), ...coders.map(({ coder }) => head(coder)), head(words.decision),
        head(words.reason), head(words.state)),
      make("tr", { class: "cx-memos" }, make("th", { scope: "row" }, words.memo), ...notes,
        make("td", { colspan: "3" })));
  }

  root.addEventListener("keydown", (event) => {
    const here = rows[at];
    const inReason = event.target.matches("input");
    if (event.key === "Escape" && event.target !== root) (here?.node ?? root).focus({ preventScroll: true });
    else if (inReason && event.key === "Enter") here.decide();
    else {
      const key = shortcut(event);
      const option = here && options(here.item).find((each) => each[2] === key);
      if (key === "ArrowLeft") previous.click();
      else if (key === "ArrowRight") next.click();
      else if (key === "ArrowDown" || key === "ArrowUp") focusRow(at + (key === "ArrowDown" ? 1 : -1));
      else if (option) here.choose(option[0]);
      else return;
    }
    event.preventDefault();
  });
  function focusRow(to) {
    rows[Math.min(Math.max(to, 0), rows.length - 1)]?.node.focus({ preventScroll: true });
  }

  function draw(state) {
    const inside = table.contains(document.activeElement);
    const writing = inside && document.activeElement.matches("input") && !sending;
    if (sending && !state.alert) drafts.delete(sending);
    const decided = sending && !state.alert;
    sending = "";
    screen.typing(drafts.size > 0);
    if (writing && table.dataset.comment === state.id) return; // another window's news can wait
    showComment(state);
    place.textContent = state.id ? fill(words.place, state) : words.no_differences;
    done.textContent = fill(words.decided, state);
    const [first, ...others] = state.coders;
    const same = first?.codes.filter((code) => others.every((other) => other.codes.includes(code))) ?? [];
    agreed.textContent = same.length ? fill(words.agreed, { codes: same.map(name).join(", ") }) : words.agreed_none;
    reasons.replaceChildren(...state.reasons.map((value) => make("option", { value })));
    const another = table.dataset.comment !== state.id;
    table.dataset.comment = state.id;
    rows = state.items.map((item) => row(item, state));
    table.replaceChildren(make("caption", {}, words.differences), heading(state.coders),
      make("tbody", {}, ...rows.map((each) => each.node)));
    const open = rows.findIndex((each) => !each.item.decision);
    if (another || decided) at = Math.max(open, 0);
    at = Math.min(at, Math.max(rows.length - 1, 0));
    if (inside) focusRow(at);
    else rows[at]?.node.classList.add("cx-current");
  }
  draw(model.get("state"));
  screen.show();
  takeFocus(root);
  return screen.close;
}

export default { render };
