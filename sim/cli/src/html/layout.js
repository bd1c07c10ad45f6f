// Where everything stands: lanes across, rows down. Nothing here draws.
//
// A row is one moment; what happens at the same moment shares it as long as each text has its own
// place. Between rows the scale is logarithmic, and a long silence is as high as a short word.

const PITCH = 27;
const SILENCE_MS = 10_000;
const TOGETHER_MS = 10;

/** The columns for a given width. On a narrow screen tabs may need more, and it scrolls. */
function columnsFor(width) {
  const wide = width >= 760;
  const time = Math.max(wide ? 84 : 64, widthOf(clock(raw.virtual_ms), 11.5) + 26);
  const step = !hasTabs ? 0 : clients <= 5 ? (wide ? 34 : 22) : wide ? 22 : 14;
  const aside = Math.max(88, Math.min(220, width * 0.19));
  const least = time + 2 * aside + step * (clients - 1) + (wide ? 300 : 140);
  const total = Math.max(width, least);
  const first = time + aside + (hasTabs ? 14 : 8);
  const cloud = total - aside - 8;
  const last = first + step * (clients - 1);
  const x = lanes.map((_, lane) => first + step * lane);
  x[CLOUD] = cloud;
  x[PROXY] = (last + cloud) / 2;
  return { width: total, time: time - (wide ? 14 : 8), aside, first, last, x, wide, step };
}

/** Where on the way from a client's lane a fault sits. */
function spotX(columns, spot, lane) {
  const [near, proxy, cloud] = [columns.x[lane], columns.x[PROXY], columns.x[CLOUD]];
  switch (spot) {
    case "client": return near + 16;
    case "near": return (Math.max(near, columns.last) + proxy) / 2;
    case "far": return (proxy + cloud) / 2;
    case "cloud": return cloud - 16;
    default: return proxy;
  }
}

/** The place in its row that an event takes; two that want the same one need two rows. */
function placeOf(event) {
  if (event.lane < 0) return "middle";
  if (event.leaves) return event.lane < clients ? "leaves-client" : "leaves-cloud";
  if (event.arrives) return event.lane < clients ? `arrives-${event.lane}` : "arrives-cloud";
  if (event.lane < clients) return "left";
  return event.lane === CLOUD ? "right" : "proxy";
}

function hasRoom(row, event, place) {
  if (row.fold || row.at !== event.at || row.places.has(place)) return false;
  const middle = (one) => one === "middle" || one === "proxy";
  return !middle(place) || row.places.size === 0 ? !row.places.has("middle") : place === "proxy";
}

/** Tabs that say the same at about the same time say it together. */
function sayTogether(rows, event) {
  if (!hasTabs || event.lane < 0 || event.lane >= clients || placeOf(event) !== "left") return null;
  for (let at = rows.length - 1; at >= 0 && at >= rows.length - 4; at--) {
    const row = rows[at];
    if (row.fold || row.at < event.at - TOGETHER_MS || row.places.has("middle")) return null;
    const saying = row.events.filter((other) => placeOf(other) === "left");
    if (saying.length && (saying[0].text === event.text || goesOn(saying, event))) return row;
    if (saying.some((other) => other.lane === event.lane)) return null;
  }
  return null;
}

/** What becomes of tabs at one moment is one text, and so is typing a message and its acceptance. */
function goesOn(saying, event) {
  const last = saying.at(-1);
  if (isLife(event)) return isLife(last) && last.at === event.at;
  return last.lane === event.lane && last.text === `types ${event.message}` && event.text === `${event.message} accepted`;
}

const isLife = (event) => event.group === TABS && !event.text.includes(" ");

/** Height of the silence before a row; more than a moment's is told in words. */
function silenceOf(ms, zoom) {
  if (ms < 60) return 0;
  if (ms >= SILENCE_MS) return Math.max(22, 36 * Math.min(zoom, 1.5));
  return 5 * Math.log2(1 + ms / 120) * zoom;
}

/** Rows of all events that pass the filter; what is folded is one row. */
function rowsOf(passes, expanded) {
  const rows = [];
  const rowOf = new Array(events.length).fill(null);
  const begin = (event, fold) => {
    const row = { at: event.at, until: event.at, events: [], places: new Set(), fold };
    rows.push(row);
    return row;
  };
  const folds = raw.folds.filter((fold) => !expanded.has(fold.from));
  let next = 0;
  for (const event of events) {
    while (next < folds.length && folds[next].to <= event.index) next++;
    if (!passes(event)) continue;
    const fold = folds[next]?.from <= event.index ? folds[next] : null;
    let row = rows.at(-1);
    if (fold) {
      if (row?.fold !== fold) row = begin(event, fold);
      row.until = event.at;
    } else {
      const place = placeOf(event);
      const together = sayTogether(rows, event);
      if (together) row = together;
      else if (!row || !hasRoom(row, event, place)) row = begin(event, null);
      row.places.add(place);
    }
    row.events.push(event);
    rowOf[event.index] = row;
  }
  return { rows, rowOf };
}

/** Everything, for a filter, a zoom and a width. */
function layOut({ passes, expanded, zoom, width }) {
  const { rows, rowOf } = rowsOf(passes, expanded);
  const pitch = PITCH * Math.min(zoom, 1.25);
  let y = 24;
  rows.forEach((row, at) => {
    const silence = at > 0 ? row.at - rows[at - 1].until : row.at;
    row.silence = silence;
    row.gap = Math.max(silenceOf(silence, zoom), row.events.some((event) => event.accused.length) ? 12 : 0);
    row.number = at;
    y += row.gap + (at > 0 ? pitch : 0);
    row.y = y;
  });
  // An event that is not shown stands where the last one before it does.
  const yOf = new Float64Array(events.length);
  let last = 6;
  for (let index = 0; index < events.length; index++) {
    const row = rowOf[index];
    if (row) last = Math.max(last, row.y);
    yOf[index] = row ? row.y : last;
  }
  const columns = columnsFor(width);
  // What the page does not show at length: silences, and what is folded.
  const hidden = rows.reduce((sum, row) => (
    sum + (row.until - row.at) + (row.silence >= SILENCE_MS ? row.silence : 0)), 0);
  return { rows, rowOf, yOf, columns, pitch, height: y + 44, hidden, terse: pitch < 15 };
}

/** The first row at or below `y`. */
function rowAt(layout, y) {
  let [low, high] = [0, layout.rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (layout.rows[middle].y < y) low = middle + 1;
    else high = middle;
  }
  return low;
}
