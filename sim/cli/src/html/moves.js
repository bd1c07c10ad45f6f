// Everything that moves the cursor, opens a story, or zooms.

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
