// The lanes: what each client, proxy and cloud is at any height, and the names above them.
//
// The looks of a tab differ in width and pattern before they differ in colour.

const LOOKS = { I: "focused", "|": "visible", ":": "hidden", "#": "frozen", "%": "cached" };
const LEADS = { "*": "leads", "+": "apart" };

/** How each lane looks from which event on: `[[event, class, lead], ...]`, in order. */
const laneLooks = lanes.map(() => []);

for (const [event, lane, look] of raw.looks) {
  laneLooks[lane].push([event, LOOKS[look[0]] ?? "gone", LEADS[look[1]] ?? null]);
}
for (const [event, machine, line, value] of raw.changes) {
  if (!hasTabs && machine === 0 && textOf(line) === "says") {
    laneLooks[0].push([event, textOf(value) === "open" ? "open" : "offline", null]);
  }
  if (machine === NET && textOf(line) === "hosts down") {
    const down = textOf(value).split(", ");
    lanes.forEach((lane, at) => {
      if (lane.kind !== "tab") laneLooks[at].push([event, down.includes(lane.long) ? "gone" : "up", null]);
    });
  }
}

function lookAt(lane, event) {
  let found = [0, lanes[lane].kind === "tab" ? "gone" : "up", null];
  for (const look of laneLooks[lane]) {
    if (look[0] > event) break;
    found = look;
  }
  return found;
}

function drawLanes(group, layout, from, to) {
  lanes.forEach((lane, at) => {
    const x = layout.columns.x[at];
    const start = [-1, lane.kind === "tab" ? "gone" : "up", null];
    const looks = [start, ...laneLooks[at]];
    looks.forEach(([event, look, lead], n) => {
      const top = Math.max(from, event < 0 ? 0 : layout.yOf[event]);
      const bottom = Math.min(to, n + 1 < looks.length ? layout.yOf[looks[n + 1][0]] : layout.height);
      if (bottom <= top) return;
      if (lead) shape(group, "line", { class: `lead ${lead}`, x1: x, y1: top, x2: x, y2: bottom });
      shape(group, "line", { class: `lane ${look}`, x1: x, y1: top, x2: x, y2: bottom });
    });
  });
}

/** The names, with what each tab is at the cursor. */
function drawHeads(svg, layout, cursor) {
  svg.replaceChildren();
  const { columns } = layout;
  svg.setAttribute("width", columns.width);
  shape(svg, "text", { class: "head soft", x: columns.time, y: 27, "text-anchor": "end" }, "time");
  lanes.forEach((lane, at) => {
    const [x, [, look, lead]] = [columns.x[at], lookAt(at, cursor)];
    if (lane.kind !== "tab") {
      shape(svg, "text", { class: "head", x, y: 27, "text-anchor": "middle" }, lane.short);
      return;
    }
    const small = columns.step < 22 ? "small" : "";
    const group = shape(svg, "g", { class: `badge ${look} ${lead ?? ""} ${small}` });
    shape(group, "circle", { cx: x, cy: 22, r: small ? 6 : 9.5 });
    shape(group, "text", { x, y: small ? 25.2 : 26, "text-anchor": "middle" }, lane.short);
  });
}
