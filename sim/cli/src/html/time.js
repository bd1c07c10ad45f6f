// Moments and stretches of time, as text.

const two = (n) => String(n).padStart(2, "0");

/** A moment since the beginning: `5.012`, `2:10.240`, `13:03:38.020`. */
function clock(ms) {
  const fraction = "." + String(ms % 1000).padStart(3, "0");
  const seconds = Math.floor(ms / 1000);
  const [s, m, h] = [seconds % 60, Math.floor(seconds / 60) % 60, Math.floor(seconds / 3600)];
  if (h > 0) return `${h}:${two(m)}:${two(s)}${fraction}`;
  return m > 0 ? `${m}:${two(s)}${fraction}` : s + fraction;
}

/** How long something took, as one says it. */
function span(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, "")} s`;
  const minutes = Math.floor(ms / 60_000);
  const [whole, rest, units] = minutes < 60
    ? [minutes, Math.floor(ms / 1000) % 60, ["min", "s"]]
    : [Math.floor(minutes / 60), minutes % 60, ["h", "min"]];
  return rest > 0 ? `${whole} ${units[0]} ${rest} ${units[1]}` : `${whole} ${units[0]}`;
}
