// What travels: straight where it arrived in time, bent where it was held or lost.

/** Whose it is: the user's message, the agent's, or nobody's. */
function kindOf(arrow) {
  if (!arrow.message) return "control";
  return isAgents(arrow.message) ? "agent" : "guest";
}

/** Whether it says no: an answer or an error frame from 400 on. */
const isRefusal = (arrow) => /^(error )?[45]\d\d\b/.test(arrow.text);

/** Whether any of it can be seen: what lies whole in a fold cannot. */
function isDrawn(layout, arrow) {
  const { rowOf } = layout;
  const left = arrow.left === undefined ? null : rowOf[arrow.left];
  const arrived = arrow.arrived === undefined ? null : rowOf[arrow.arrived];
  if (!left && !arrived) return false;
  const open = (row) => row && !row.fold;
  return open(left) || open(arrived);
}

/** Its corners from where it left to where it ended. */
function cornersOf(layout, arrow) {
  const { columns, yOf } = layout;
  const [near, far] = [columns.x[arrow.lane], columns.x[CLOUD]];
  const [fromX, toX] = arrow.up ? [near, far] : [far, near];
  const stopX = spotX(columns, arrow.spot ?? "proxy", arrow.lane);
  const drop = Math.min(12, layout.pitch * 0.45);
  if (arrow.lost) {
    const y = yOf[arrow.left];
    return [[fromX, y], [stopX, y + drop * 0.5], [stopX, y + drop * 1.7]];
  }
  const endY = yOf[arrow.arrived];
  if (arrow.left === undefined) return [[stopX, endY - drop], [toX, endY]];
  const startY = yOf[arrow.left];
  if (!arrow.spot || endY - startY < 3 * drop) return [[fromX, startY], [toX, endY]];
  return [[fromX, startY], [stopX, startY + drop], [stopX, endY - drop], [toX, endY]];
}

/** Where its label stands: towards its beginning, so that both ways keep out of each other's. */
function labelAt(corners) {
  const [[x0, y0], [x1, y1]] = corners;
  const bends = corners.length > 2;
  const reach = Math.abs(x1 - x0);
  const part = bends ? 0.5 : 0.3;
  return { x: x0 + (x1 - x0) * part, y: y0 + (y1 - y0) * part, room: reach * (bends ? 0.9 : 0.58) - 14 };
}

function drawArrow(group, layout, arrow, look) {
  const corners = cornersOf(layout, arrow);
  const end = corners.at(-1);
  const before = corners.at(-2);
  const state = arrow.lost ? "lost" : arrow.spot ? "held" : isRefusal(arrow) ? "refused" : "";
  const made = shape(group, "g", {
    class: `arrow ${kindOf(arrow)} ${state} ${look}`,
    "data-event": arrow.arrived ?? arrow.left,
    "data-message": arrow.message ?? undefined,
  });
  const path = bent(corners);
  shape(made, "path", { class: "touch", d: path });
  shape(made, "path", { class: "way", d: path });
  if (arrow.lost) drawCross(made, end);
  else drawHead(made, before, end);
  drawLabel(made, layout, arrow, corners);
}

function drawHead(group, from, [x, y]) {
  const angle = Math.atan2(y - from[1], x - from[0]) * 180 / Math.PI;
  shape(group, "path", {
    class: "tip",
    d: "M0 0L-8.5 -3.6L-6.5 0L-8.5 3.6Z",
    transform: `translate(${x} ${y}) rotate(${angle})`,
  });
}

function drawCross(group, [x, y]) {
  shape(group, "path", { class: "cross", d: `M${x - 4} ${y - 2}l8 8m0 -8l-8 8` });
}

function drawLabel(group, layout, arrow, corners) {
  if (layout.terse) return;
  const size = layout.columns.wide ? 12 : 11;
  const weight = arrow.message ? 600 : 400;
  const late = arrow.spot && !arrow.lost && arrow.left !== undefined;
  const waited = late ? ` \u00b7 ${span(events[arrow.arrived].at - events[arrow.left].at)}` : "";
  const whole = arrow.text + waited;
  let { x, y, room } = labelAt(corners);
  const beside = arrow.lost && room < Math.min(60, widthOf(whole, size, weight));
  if (beside) {
    // A short way that ends in the middle of nowhere has its name behind its end.
    [x, y] = corners.at(-1);
    [x, y, room] = [x + 10, y + 2, 90];
  }
  const text = fitted(whole, size, Math.max(room, 30), weight);
  const wide = widthOf(text, size, weight);
  const left = beside ? x - 2 : x - wide / 2 - 4;
  shape(group, "rect", { class: "ground", x: left, y: y - 7, width: wide + (beside ? 4 : 8), height: 14, rx: 4 });
  shape(group, "text", {
    class: "label", x, y: y + 4, "text-anchor": beside ? "start" : "middle", "font-size": size, "font-weight": weight,
  }, text);
}
