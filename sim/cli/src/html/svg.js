// The few shapes that everything is drawn with. Texts are set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function shape(parent, name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const key in attributes) {
    if (attributes[key] !== undefined) element.setAttribute(key, attributes[key]);
  }
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function element(parent, name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

const pen = document.createElement("canvas").getContext("2d");
const widths = new Map();

function widthOf(text, size, weight = 400) {
  const key = `${weight} ${size} ${text}`;
  if (!widths.has(key)) {
    pen.font = `${weight} ${size}px system-ui, sans-serif`;
    widths.set(key, pen.measureText(text).width);
  }
  return widths.get(key);
}

/** A text that fits, with an ellipsis where it was cut. */
function fitted(text, size, most, weight) {
  if (widthOf(text, size, weight) <= most) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (widthOf(text.slice(0, middle) + "\u2026", size, weight) <= most) low = middle;
    else high = middle - 1;
  }
  return text.slice(0, low).trimEnd() + "\u2026";
}

/** A line through corners, each of which is rounded. */
function bent(points, radius = 9) {
  let path = `M${points[0][0]} ${points[0][1]}`;
  for (let at = 1; at < points.length - 1; at++) {
    const [before, corner, after] = [points[at - 1], points[at], points[at + 1]];
    const enter = towards(corner, before, radius);
    const leave = towards(corner, after, radius);
    path += `L${enter[0]} ${enter[1]}Q${corner[0]} ${corner[1]} ${leave[0]} ${leave[1]}`;
  }
  const end = points.at(-1);
  return `${path}L${end[0]} ${end[1]}`;
}

function towards([x, y], [toX, toY], radius) {
  const length = Math.hypot(toX - x, toY - y) || 1;
  const part = Math.min(radius, length / 2) / length;
  return [x + (toX - x) * part, y + (toY - y) * part];
}
