// Who listens to what; then the page is opened.

diagram.addEventListener("click", (event) => {
  const hit = event.target.closest("[data-event]");
  if (hit?.dataset.fold) return unfold(Number(hit.dataset.fold));
  if (hit) {
    go(Number(hit.dataset.event));
    return choose(hit.dataset.message ?? null);
  }
  const y = event.clientY - scroll.getBoundingClientRect().top - HEADS + scroll.scrollTop;
  const row = layout.rows[Math.min(rowAt(layout, y - layout.pitch / 2), layout.rows.length - 1)];
  if (row) go(row.events[0].index);
});

listenToKeys({
  move,
  end: moveToEnd,
  open() {
    const row = layout.rowOf[state.cursor];
    if (row?.fold) unfold(row.fold.from);
    else if (events[state.cursor]?.message) choose(events[state.cursor].message);
  },
  violation() {
    const next = raw.violations.find((violation) => violation.event > state.cursor) ?? raw.violations[0];
    if (next) visit(next.event);
  },
  filter: () => field.focus(),
  help: () => byId("help").showModal(),
  zoom: zoomButton,
  scheme: switchScheme,
  escape() {
    if (byId("help").open) return;
    if (state.message) choose(null);
    else if (field.value) {
      field.value = "";
      relayout();
    } else openPanel(false);
    scroll.focus({ preventScroll: true });
  },
});

byId("zoom-in").addEventListener("click", () => zoomButton(1.25));
byId("zoom-out").addEventListener("click", () => zoomButton(0.8));
byId("scheme").addEventListener("click", switchScheme);
byId("help-open").addEventListener("click", () => byId("help").showModal());
byId("grip").addEventListener("click", () => openPanel(!byId("panel").classList.contains("open")));
window.addEventListener("resize", relayout);
window.addEventListener("beforeprint", () => preparePrint(state, filterNow()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawSoon(true));
listenToPinch(scroll, zoomAround);
followMap((part) => {
  scroll.scrollTop = part * layout.height - scroll.clientHeight / 2;
});

tellRun();
tellAbout(choose, visit);
drawLegend();
offerKinds(() => {
  relayout();
  if (layout.rowOf[state.cursor]) go(state.cursor);
});
relayout();
if (raw.violations.length) go(raw.violations[0].event);
else if (layout.rows.length) moveToEnd(false);
else tellMoment(-1);
