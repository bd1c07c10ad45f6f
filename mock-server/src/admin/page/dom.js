// Small helpers for both pages. Whatever comes from a client or the cloud is set as text.

export const at = (id) => document.getElementById(id);

/** An element with attributes and children; strings become text, handlers begin with "on". */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Says what went wrong with what the user did, or with what the page does by itself; it stays until the
 * same goes right again. */
export function trouble(text, whose = "user") {
  const told = at("trouble");
  if (!text && told.dataset.whose !== whose) return;
  told.dataset.whose = whose;
  told.textContent = text ?? "";
  told.hidden = !text;
}

/** Runs it and tells its error. */
export const trying = (work, whose = "user") => async (event) => {
  event?.preventDefault?.();
  try {
    await work(event);
    trouble(null, whose);
  } catch (error) {
    trouble(error.message, whose);
  }
};

/** Enter sends a form, Shift+Enter breaks the line. */
export function sendsOnEnter(area) {
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    area.form.requestSubmit();
  });
}

/** Seconds since the cloud began, as a person reads them. */
export function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n) => String(n).padStart(2, "0");
  return `${h ? `${h}:` : ""}${two(m)}:${two(s)}.${String(Math.floor(ms % 1000)).padStart(3, "0")}`;
}
