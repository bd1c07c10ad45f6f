// On paper there is no scrolling: the diagram is cut between rows into pages that each have the names
// of the lanes above them, and the violations and the story that is open stand before it.

const PAPER = { width: 780, height: 1000, front: 240, pages: 100 };

function preparePrint(state, passes) {
  const printed = byId("printed");
  printed.replaceChildren();
  const layout = layOut({ passes, expanded: state.expanded, zoom: 1, width: PAPER.width });
  const front = element(printed, "section", "front");
  element(front, "p", "", raw.story);
  for (const violation of raw.violations) {
    element(front, "p", "bad", `${clock(violation.at)}  ${violation.oracle}: ${violation.text}`);
  }
  const story = state.message && stories.get(state.message);
  if (story) {
    element(front, "h2", "", `The story of ${story.message}`);
    element(front, "p", "", story.summary);
    const list = element(front, "ol", "");
    for (const [index, text] of story.told) element(list, "li", "", `${clock(events[index].at)}  ${text}`);
  }
  // A story or a list of violations fills a page; a paragraph leaves room for the diagram.
  const alone = front.childElementCount > 3;
  front.classList.toggle("alone", alone);
  let first = 0;
  for (let page = 0; first < layout.rows.length; page++) {
    if (page === PAPER.pages) {
      element(printed, "p", "", `${layout.rows.length - first} more rows are not printed; a filter makes it shorter.`);
      break;
    }
    const room = page === 0 && !alone ? PAPER.height - PAPER.front : PAPER.height;
    const top = layout.rows[first].y - layout.pitch * 0.7 - Math.min(layout.rows[first].gap, 30);
    let last = first + 1;
    while (last < layout.rows.length && layout.rows[last].y < top + room) last++;
    const bottom = layout.rows[last]?.y - layout.pitch * 0.55 || layout.height;
    printPage(printed, layout, state, top, Math.min(bottom, top + PAPER.height));
    first = last;
  }
}

function printPage(printed, layout, state, top, bottom) {
  const { width } = layout.columns;
  const sheet = element(printed, "section", "sheet");
  const heads = shape(sheet, "svg", { class: "heads", viewBox: `0 0 ${width} 44`, width: "100%" });
  drawHeads(heads, layout, rowAt(layout, top) < layout.rows.length ? layout.rows[rowAt(layout, top)].events[0].index : 0);
  heads.removeAttribute("width");
  const body = shape(sheet, "svg", { class: "diagram", viewBox: `0 ${top} ${width} ${bottom - top}`, width: "100%" });
  draw(body, layout, top, bottom, { cursor: -1, message: state.message });
}
