// Two fingers, or the wheel with Ctrl, zoom around the point between them. One finger pans: that is
// the browser's own scrolling.

function listenToPinch(scroll, zoomAround) {
  const fingers = new Map();
  let apart = 0;
  const distance = () => {
    const [one, other] = [...fingers.values()];
    return Math.hypot(one.x - other.x, one.y - other.y);
  };
  scroll.addEventListener("touchmove", (event) => {
    if (event.touches.length > 1) event.preventDefault();
  }, { passive: false });
  scroll.addEventListener("touchstart", (event) => gather(event));
  scroll.addEventListener("touchend", (event) => gather(event));
  scroll.addEventListener("touchcancel", (event) => gather(event));
  function gather(event) {
    fingers.clear();
    for (const touch of event.touches) fingers.set(touch.identifier, { x: touch.clientX, y: touch.clientY });
    apart = fingers.size === 2 ? distance() : 0;
  }
  scroll.addEventListener("touchmove", (event) => {
    if (event.touches.length !== 2 || !apart) return;
    for (const touch of event.touches) fingers.set(touch.identifier, { x: touch.clientX, y: touch.clientY });
    const now = distance();
    const middle = [...fingers.values()].reduce((sum, { y }) => sum + y / 2, 0);
    zoomAround(now / apart, middle);
    apart = now;
  }, { passive: true });
  scroll.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoomAround(Math.exp(-event.deltaY / 200), event.clientY);
  }, { passive: false });
}
