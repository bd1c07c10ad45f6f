// What is looked at (cursor, message, zoom), and what changes it.

const scroll = byId("scroll");
const space = byId("space");
const diagram = byId("diagram");
const ZOOM = { least: 0.25, most: 4 };
const OVERSCAN = 300;
/** Height of the names above, which stay where they are. */
const HEADS = 44;

const state = { cursor: 0, message: null, zoom: 1, expanded: new Set() };
let layout = null;
let drawn = [0, 0];

function relayout() {
  layout = layOut({ passes: filterNow(), expanded: state.expanded, zoom: state.zoom, width: scroll.clientWidth });
  space.style.height = `${layout.height}px`;
  space.style.width = `${layout.columns.width}px`;
  tellFacts(layout.hidden);
  space.classList.toggle("empty", layout.rows.length === 0);
  drawSoon(true);
}

function redraw() {
  const [top, high] = [scroll.scrollTop, scroll.clientHeight - HEADS];
  drawn = [Math.max(0, top - OVERSCAN), Math.min(layout.height, top + high + OVERSCAN)];
  const [from, to] = drawn;
  const { width } = layout.columns;
  diagram.setAttribute("viewBox", `0 ${from} ${width} ${to - from}`);
  diagram.setAttribute("width", width);
  diagram.setAttribute("height", to - from);
  diagram.style.top = `${from}px`;
  draw(diagram, layout, from, to, state);
  drawHeads(byId("heads"), layout, state.cursor);
  drawMap(layout, top, high);
}

/** Draws in the next frame, once, however often it is asked for; what is drawn already only moves. */
let dirty = false;
let waiting = false;
function drawSoon(changed) {
  dirty ||= changed;
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    const [top, bottom] = [scroll.scrollTop, scroll.scrollTop + scroll.clientHeight - HEADS];
    const covered = drawn[0] <= top && drawn[1] >= Math.min(layout.height, bottom);
    if (dirty || !covered) redraw();
    else drawMap(layout, top, bottom - top);
    dirty = false;
  });
}

scroll.addEventListener("scroll", () => drawSoon(false));

/** Moves the cursor to an event and brings it into sight. */
function go(index, { middle = false } = {}) {
  state.cursor = index;
  const y = layout.yOf[index];
  const [top, high] = [scroll.scrollTop, scroll.clientHeight - HEADS];
  if (middle || y < top + 60 || y > top + high - 60) scroll.scrollTop = y - high / 2;
  tellMoment(index);
  markStep(index);
  drawSoon(true);
}

/** Goes to an event that a text named; the filter gives way if it hides it. */
function visit(index) {
  if (!layout.rowOf[index]) {
    field.value = "";
    shown.add(events[index].group);
    for (const chip of document.querySelectorAll(".kind")) chip.setAttribute("aria-pressed", shown.has(Number(chip.dataset.group)));
    relayout();
  }
  const fold = layout.rowOf[index].fold;
  if (fold) unfold(fold.from);
  go(index);
}

function unfold(from) {
  state.expanded.add(from);
  relayout();
}

function choose(message) {
  state.message = message;
  tellTale(message, visit, () => choose(null));
  if (message) {
    openPanel(true);
    byId("panel-body").scrollTop = 0;
    const [first] = stories.get(message).told[0];
    const here = events[state.cursor]?.message === message;
    if (!here) return visit(first);
  }
  markStep(state.cursor);
  drawSoon(true);
}

function move(by) {
  const here = layout.rowOf[state.cursor];
  let index = state.cursor + by;
  while (events[index]) {
    const row = layout.rowOf[index];
    // A fold is one step, to its last event.
    if (row && !(row.fold && (row === here || index !== row.events.at(-1).index))) return go(index);
    index += by;
  }
}

function moveToEnd(last) {
  const row = layout.rows.at(last ? -1 : 0);
  if (row) go(row.events.at(last ? -1 : 0).index);
}

function zoomAround(by, clientY) {
  const zoom = by === 0 ? 1 : Math.min(ZOOM.most, Math.max(ZOOM.least, state.zoom * by));
  if (zoom === state.zoom) return;
  const offset = clientY - scroll.getBoundingClientRect().top - HEADS;
  const row = layout.rows[Math.min(rowAt(layout, scroll.scrollTop + offset), layout.rows.length - 1)];
  const from = row ? row.y - scroll.scrollTop : 0;
  state.zoom = zoom;
  relayout();
  if (row) scroll.scrollTop = layout.rows[row.number].y - from;
  drawSoon(true);
}

function zoomButton(by) {
  const box = scroll.getBoundingClientRect();
  const row = layout.rowOf[state.cursor];
  const y = row ? row.y - scroll.scrollTop : box.height / 2;
  zoomAround(by, box.top + HEADS + (y > 0 && y < box.height ? y : box.height / 2));
}

function openPanel(open) {
  byId("panel").classList.toggle("open", open);
  byId("grip").setAttribute("aria-expanded", open);
}

function switchScheme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.scheme = (root.dataset.scheme ?? system) === "dark" ? "light" : "dark";
  drawSoon(true);
}

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
