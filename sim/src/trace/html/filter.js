// Which events are shown: by kind, and by message or text. The details are off until asked for.

const field = byId("filter");
const shown = new Set(GROUPS.keys());
shown.delete(DETAILS);

/** The name of a message means that message alone, anything else is looked for in every text. */
function passesFilter(event) {
  if (!shown.has(event.group) && !event.accused.length) return false;
  const words = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  return words.some((word) => (stories.has(word)
    ? event.message === word
    : event.text.toLowerCase().includes(word) || (event.lane >= 0 && lanes[event.lane].long === word)));
}

function offerKinds(changed) {
  GROUPS.forEach((name, group) => {
    const count = events.filter((event) => event.group === group).length;
    if (count === 0) return;
    const chip = element(byId("kinds"), "button", "kind", name);
    chip.type = "button";
    chip.dataset.group = group;
    chip.title = `${count.toLocaleString("en")} events`;
    const tell = () => chip.setAttribute("aria-pressed", shown.has(group));
    tell();
    chip.addEventListener("click", () => {
      if (!shown.delete(group)) shown.add(group);
      tell();
      changed();
    });
  });
  field.addEventListener("input", changed);
}
