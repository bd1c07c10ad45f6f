// Which events are shown: by kind, and by message or text. The details are off until asked for.

const field = byId("filter");
const shown = new Set(GROUPS.keys());
shown.delete(DETAILS);

/** The name of a message means that message alone, anything else is looked for in every text. */
function filterNow() {
  const wanted = field.value.trim().toLowerCase();
  const names = wanted.split(/[\s,]+/).filter((word) => stories.has(word));
  const text = names.length ? null : wanted;
  return (event) => {
    if (!shown.has(event.group) && !event.accused.length) return false;
    if (!wanted) return true;
    return text === null ? names.includes(event.message) : event.text.toLowerCase().includes(text);
  };
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
