// Draws a stretch of the diagram: faults behind, lanes, arrows, texts, cursor. Only what can be seen
// is drawn, so that ten thousand events cost no more than a hundred.

/** `look` says how an event or arrow is lit: by its message, by the cursor. */
function draw(svg, layout, from, to, { cursor, message }) {
  svg.replaceChildren();
  const first = Math.max(0, rowAt(layout, from) - 1);
  const last = Math.min(layout.rows.length, rowAt(layout, to) + 1);
  const rows = layout.rows.slice(first, last);
  drawCursor(svg, layout, cursor);
  drawBands(svg, layout, from, to);
  drawLanes(shape(svg, "g", { class: "lanes" }), layout, from, to);
  rows.forEach((row) => drawSilence(svg, layout, row));
  const lit = (of, index) => [
    message && of !== message ? "faded" : "",
    message && of === message ? "lit" : "",
    index === cursor ? "here" : "",
  ].join(" ");
  const ways = shape(svg, "g", { class: "arrows" });
  for (const arrow of arrows) {
    const top = layout.yOf[arrow.left ?? arrow.arrived];
    const bottom = layout.yOf[arrow.arrived ?? arrow.left] + layout.pitch;
    if (bottom < from || top > to || !isDrawn(layout, arrow)) continue;
    drawArrow(ways, layout, arrow, lit(arrow.message, arrow.arrived ?? arrow.left));
  }
  const notes = shape(svg, "g", { class: "notes" });
  for (const row of rows) {
    if (row.fold) drawFold(notes, layout, row);
    else drawRow(notes, layout, row, lit, rows[row.number - first - 1]);
  }
}

function drawCursor(svg, layout, cursor) {
  const row = layout.rowOf[cursor];
  if (!row) return;
  const high = Math.min(layout.pitch, 24);
  shape(svg, "rect", {
    class: "cursor", x: 4, y: row.y - high / 2, width: layout.columns.width - 8, height: high, rx: 5,
  });
}

/** Where a fault reaches from left to right. */
function reachOf(columns, spot) {
  const [proxy, cloud] = [columns.x[PROXY], columns.x[CLOUD]];
  switch (spot) {
    case "client": return [columns.first - 14, columns.last + 14];
    case "near": return [columns.last + 8, proxy - 5];
    case "proxy": return [proxy - 12, proxy + 12];
    case "far": return [proxy + 5, cloud - 5];
    case "cloud": return [cloud - 12, cloud + 12];
    default: return [columns.first - 14, cloud + 14];
  }
}

function drawBands(svg, layout, from, to) {
  const group = shape(svg, "g", { class: "bands" });
  for (const band of raw.bands) {
    const top = layout.yOf[band.from];
    const bottom = band.to === undefined ? layout.height - 20 : layout.yOf[band.to];
    if (bottom < from || top > to) continue;
    const [left, right] = reachOf(layout.columns, band.spot);
    const [x, width] = [left, right - left];
    const y = Math.max(top, from - 10);
    const height = Math.max(2, Math.min(bottom, to + 10) - y);
    shape(group, "rect", { class: "band", x, y, width, height });
    for (const edge of [left, right]) {
      shape(group, "line", { class: "edge", x1: edge, x2: edge, y1: y, y2: y + height });
    }
  }
}

/** A silence is told where it is long enough to be noticed. */
function drawSilence(svg, layout, row) {
  if (row.silence < SILENCE_MS || row.number === 0) return;
  const { columns, rows } = layout;
  const y = (row.y + rows[row.number - 1].y) / 2;
  const wave = "q3 -4 6 0t6 0";
  const group = shape(svg, "g", { class: "silence" });
  for (const x of columns.x) {
    shape(group, "rect", { class: "gap", x: x - 5, y: y - 4, width: 10, height: 8 });
    shape(group, "path", { class: "wave", d: `M${x - 6} ${y - 2.5}${wave}M${x - 6} ${y + 2.5}${wave}` });
  }
  const x = (columns.x[PROXY] + columns.last) / 2;
  shape(group, "text", { class: "quiet", x, y: y + 4, "text-anchor": "middle" }, `${span(row.silence)} pass`);
}

function drawFold(group, layout, row) {
  const { columns } = layout;
  const [left, right] = [columns.first - 10, columns.x[CLOUD] + 10];
  const made = shape(group, "g", { class: "fold", "data-fold": row.fold.from, "data-event": row.events.at(-1).index });
  shape(made, "rect", { x: left, y: row.y - 11, width: right - left, height: 22, rx: 11 });
  const text = `${row.events.length.toLocaleString("en")} events folded, ${span(row.until - row.at)}`;
  shape(made, "text", { x: (left + right) / 2, y: row.y + 4, "text-anchor": "middle" }, fitted(text, 12, right - left - 20));
  drawTime(group, layout, row.at, row.y);
}

function drawTime(group, layout, at, y) {
  if (layout.terse) return;
  shape(group, "text", { class: "time", x: layout.columns.time, y: y + 4, "text-anchor": "end" }, clock(at));
}

function drawRow(group, layout, row, lit, before) {
  if (before?.at !== row.at || before?.fold) drawTime(group, layout, row.at, row.y);
  const said = row.events.filter((event) => placeOf(event) === "left");
  if (said.length) drawSaid(group, layout, row, said, lit);
  for (const event of row.events) {
    drawMark(group, layout, row, event, lit);
    if (event.accused.length) drawAccusation(group, layout, row, event);
  }
}

/** What clients say, on the left; where there are tabs, with their letters. */
function drawSaid(group, layout, row, said, lit) {
  if (layout.terse) return;
  const { columns } = layout;
  const size = columns.wide ? 12.5 : 11;
  const x = columns.first - 14;
  const text = fitted(hasTabs ? saidByTabs(said) : said[0].text, size, columns.aside - 4);
  note(group, said[0], lit, { x, y: row.y + 4, "text-anchor": "end", "font-size": size }, text);
}

/** `A–C opened, A focused`; what goes without saying is left out. */
function saidByTabs(said) {
  const byText = new Map();
  for (const { text, lane } of said) {
    const focused = said.some((other) => other.lane === lane && other.text === "focused");
    const hidden = said.some((other) => other.lane === lane && other.text === "hidden");
    if ((text === "visible" && focused) || (text === "blurred" && hidden)) continue;
    if (text.endsWith(" accepted") && byText.size) byText.set("accepted", []);
    else byText.set(text, [...(byText.get(text) ?? []), lane]);
  }
  return [...byText].map(([text, of]) => (of.length ? `${letters(of)} ${text}` : text)).join(", ");
}

/** `A C`, and `A-D` for neighbours. */
function letters(of) {
  const sorted = [...new Set(of)].sort((a, b) => a - b);
  const runs = [];
  for (const lane of sorted) {
    const run = runs.at(-1);
    if (run && run.at(-1) + 1 === lane) run.push(lane);
    else runs.push([lane]);
  }
  const name = (lane) => lanes[lane].short;
  return runs.map((run) => (run.length > 2 ? `${name(run[0])}\u2013${name(run.at(-1))}` : run.map(name).join(" "))).join(" ");
}

function note(group, event, lit, attributes, text) {
  const kind = !event.message ? "" : isAgents(event.message) ? "agent" : "guest";
  const tone = event.group === FAULTS ? "fault" : event.group === DETAILS ? "detail" : kind;
  return shape(group, "text", {
    class: `note ${tone} ${lit(event.message, event.index)}`,
    "data-event": event.index,
    "data-message": event.message ?? undefined,
    ...attributes,
  }, text);
}

/** A dot on its lane, and the text of whoever is not on the left. */
function drawMark(group, layout, row, event, lit) {
  const { columns } = layout;
  if (event.lane < 0) return drawBanner(group, layout, row, event, lit);
  const x = columns.x[event.lane];
  if (!event.leaves && !event.arrives) {
    shape(group, "circle", { class: `dot ${event.group === TABS ? "life" : ""} ${lit(event.message, event.index)}`, cx: x, cy: row.y, r: 3, "data-event": event.index });
    const size = columns.wide ? 12.5 : 11;
    if (layout.terse || event.lane < clients) return;
    const right = event.lane === CLOUD;
    const text = fitted(event.text, size, right ? columns.aside - 22 : columns.x[CLOUD] - x - 20);
    note(group, event, lit, { x: x + (right ? 14 : 10), y: row.y + 4, "font-size": size }, text);
  }
}

/** What happens to everybody stands across the lanes. */
function drawBanner(group, layout, row, event, lit) {
  const { columns } = layout;
  const x = (columns.first + columns.x[CLOUD]) / 2;
  const most = 2 * Math.min(x - columns.time - 20, columns.width - x - 20);
  const size = layout.columns.wide ? 12 : 11;
  const text = fitted(event.text, size, most, 600);
  const width = widthOf(text, size, 600) + 22;
  const made = shape(group, "g", { class: `banner ${lit(null, event.index)}`, "data-event": event.index });
  shape(made, "line", { x1: columns.first - 10, x2: columns.x[CLOUD] + 10, y1: row.y, y2: row.y });
  if (layout.terse) return;
  shape(made, "rect", { x: x - width / 2, y: row.y - 10, width, height: 20, rx: 10 });
  shape(made, "text", { x, y: row.y + 4, "text-anchor": "middle", "font-size": size }, text);
}

function drawAccusation(group, layout, row, event) {
  const { columns } = layout;
  const made = shape(group, "g", { class: "accusation", "data-event": event.index });
  shape(made, "rect", { x: 4, y: row.y - 12, width: columns.width - 8, height: 24, rx: 5 });
  const names = [...new Set(event.accused.map((violation) => violation.oracle))].join(", ");
  const wide = widthOf(names, 10.5, 650) + 14;
  shape(made, "rect", { class: "name", x: 12, y: row.y - 21, width: wide, height: 15, rx: 4 });
  shape(made, "text", { x: 19, y: row.y - 9.8 }, names);
}
