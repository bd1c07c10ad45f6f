// What is looked at (cursor, message, zoom), and when it is drawn.

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
