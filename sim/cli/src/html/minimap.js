// The whole run at a glance, beside the scroll bar: faults, messages, violations, and where we are.

const map = document.getElementById("map");

/** Where a fault sits, as in the diagram: which part of the width. */
const PARTS = { client: [0, 0.2], near: [0, 0.5], proxy: [0.4, 0.6], far: [0.5, 1], cloud: [0.8, 1] };

function colour(name) {
  map.style.color = `var(--${name})`;
  return getComputedStyle(map).color;
}

function drawMap(layout, top, height) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: wide, clientHeight: high } = map;
  map.width = wide * ratio;
  map.height = high * ratio;
  const brush = map.getContext("2d");
  brush.scale(ratio, ratio);
  const at = (y) => (y / layout.height) * high;
  brush.fillStyle = colour("fault");
  brush.globalAlpha = 0.28;
  for (const band of raw.bands) {
    const from = at(layout.yOf[band.from]);
    const to = at(band.to === undefined ? layout.height : layout.yOf[band.to]);
    const [left, right] = PARTS[band.spot] ?? [0, 1];
    brush.fillRect(left * wide, from, (right - left) * wide, Math.max(1.5, to - from));
  }
  brush.globalAlpha = 0.75;
  for (const [kind, isOne] of [["guest", false], ["agent", true]]) {
    brush.fillStyle = colour(kind);
    const lines = new Set();
    for (const event of events) {
      if (!event.message || isAgents(event.message) !== isOne || !layout.rowOf[event.index]) continue;
      lines.add(Math.round(at(layout.yOf[event.index])));
    }
    for (const y of lines) brush.fillRect(isOne ? wide / 2 : 3, y, wide / 2 - 3, 1);
  }
  brush.globalAlpha = 1;
  brush.fillStyle = colour("lost");
  for (const violation of raw.violations) brush.fillRect(0, at(layout.yOf[violation.event]) - 1, wide, 3);
  brush.strokeStyle = colour("ink");
  brush.globalAlpha = 0.55;
  brush.strokeRect(0.75, at(top) + 0.75, wide - 1.5, Math.max(6, at(height)) - 1.5);
}

/** Pressing and dragging on the map scrolls. */
function followMap(scrollTo) {
  const go = (event) => scrollTo(event.offsetY / map.clientHeight);
  map.addEventListener("pointerdown", (event) => {
    map.setPointerCapture(event.pointerId);
    go(event);
  });
  map.addEventListener("pointermove", (event) => {
    if (map.hasPointerCapture(event.pointerId)) go(event);
  });
}
