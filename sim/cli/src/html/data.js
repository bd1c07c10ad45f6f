// The run as the page was told it, with the numbers replaced by what they stand for.

const raw = JSON.parse(document.getElementById("data").textContent);
const textOf = (number) => raw.texts[number] ?? null;

const GROUPS = ["Messages", "Connection", "Heartbeat", "Tabs", "Faults", "Details"];
const [MESSAGES, , , TABS, FAULTS, DETAILS] = GROUPS.keys();

const lanes = raw.lanes;
const clients = lanes.length - 2;
const PROXY = clients;
const CLOUD = clients + 1;
const NET = lanes.length;
const hasTabs = lanes[0].kind === "tab";

const events = raw.events.map(([at, lane, group, text, message], index) => ({
  index, at, group,
  lane: lane ?? -1,
  text: textOf(text),
  message: textOf(message),
  leaves: null,
  arrives: null,
  accused: [],
}));

const arrows = raw.arrows.map((arrow) => ({
  ...arrow,
  text: textOf(arrow.text),
  message: textOf(arrow.message),
  spot: arrow.stop?.[0],
  fault: textOf(arrow.stop?.[1]),
  lost: arrow.arrived === undefined,
}));
for (const arrow of arrows) {
  if (arrow.left !== undefined) events[arrow.left].leaves = arrow;
  if (arrow.arrived !== undefined) events[arrow.arrived].arrives = arrow;
}
for (const violation of raw.violations) events[violation.event]?.accused.push(violation);

const stories = new Map(raw.stories.map((story) => [story.message, story]));
const isAgents = (message) => message.startsWith("a");

/** What each machine says of itself right after an event: `[machine][line] = value`. */
function statesAt(index) {
  const machines = Array.from({ length: lanes.length + 1 }, () => new Map());
  for (const [event, machine, line, value] of raw.changes) {
    if (event > index) break;
    machines[machine].set(textOf(line), textOf(value));
  }
  return machines;
}
