// The keyboard. Keys that a text field needs are left to it.

function listenToKeys(does) {
  const keys = {
    ArrowDown: () => does.move(1),
    ArrowUp: () => does.move(-1),
    j: () => does.move(1),
    k: () => does.move(-1),
    Home: () => does.end(false),
    End: () => does.end(true),
    Enter: does.open,
    v: does.violation,
    "/": does.filter,
    "?": does.help,
    "+": () => does.zoom(1.25),
    "=": () => does.zoom(1.25),
    "-": () => does.zoom(0.8),
    0: () => does.zoom(0),
    t: does.scheme,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return does.escape();
    const at = event.target;
    if (document.querySelector("dialog[open]") || at instanceof HTMLInputElement) return;
    if (event.key === "Enter" && at instanceof HTMLButtonElement) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
