// What the signs of the diagram mean, each drawn as it is there.

const SIGNS = [
  [(g) => shape(g, "line", { class: "lane focused", x1: 14, x2: 14, y1: 1, y2: 21 }), "focused tab"],
  [(g) => shape(g, "line", { class: "lane visible", x1: 14, x2: 14, y1: 1, y2: 21 }), "visible tab"],
  [(g) => shape(g, "line", { class: "lane hidden", x1: 14, x2: 14, y1: 1, y2: 21 }), "hidden tab"],
  [(g) => shape(g, "line", { class: "lane frozen", x1: 14, x2: 14, y1: 1, y2: 21 }), "frozen tab"],
  [(g) => shape(g, "line", { class: "lane cached", x1: 14, x2: 14, y1: 1, y2: 21 }), "tab in the back/forward cache"],
  [(g) => {
    shape(g, "line", { class: "lead leads", x1: 14, x2: 14, y1: 1, y2: 21 });
    shape(g, "line", { class: "lane focused", x1: 14, x2: 14, y1: 1, y2: 21 });
  }, "holds the connection"],
  [(g) => {
    shape(g, "line", { class: "lead apart", x1: 14, x2: 14, y1: 1, y2: 21 });
    shape(g, "line", { class: "lane visible", x1: 14, x2: 14, y1: 1, y2: 21 });
  }, "has a connection of its own"],
  [(g) => sample(g, "guest", [[1, 8], [27, 14]]), "a message of the user"],
  [(g) => sample(g, "agent", [[27, 8], [1, 14]]), "a message of the agent"],
  [(g) => sample(g, "guest held", [[1, 3], [14, 6], [14, 16], [27, 19]]), "held up where it bends"],
  [(g) => sample(g, "guest lost", [[1, 5], [14, 7], [14, 15]]), "lost where it ends"],
  [(g) => shape(g, "rect", { class: "band", x: 4, y: 1, width: 20, height: 20 }), "a fault lasts"],
];

function sample(group, kind, corners) {
  const arrow = shape(group, "g", { class: `arrow ${kind}` });
  shape(arrow, "path", { class: "way", d: bent(corners, 4) });
  if (kind.includes("lost")) drawCross(arrow, corners.at(-1));
  else drawHead(arrow, corners.at(-2), corners.at(-1));
}

function drawLegend() {
  for (const [drawSign, text] of SIGNS) {
    const item = element(byId("legend"), "li", "");
    drawSign(shape(item, "svg", { width: 28, height: 22, "aria-hidden": "true" }));
    item.append(text);
  }
}
