// What churn.html and crossing.html do. With data-crossing nodes also move between the document and the shadow root,
// of which the recorder tells in two events, the new place first.
const isCrossing = "crossing" in document.currentScript.dataset;
const shadow = document.getElementById("host").attachShadow({ mode: "open" });
for (const name of ["", "rr-mask", "rr-block"]) {
  shadow.append(Object.assign(document.createElement("section"), { className: name }));
}
const turning = document.getElementById("turning");
const roots = [...["open", "masked", "blocked"].map((id) => document.getElementById(id)), ...shadow.children, turning];
// The same every time: a linear congruential generator (Numerical Recipes, 1992).
let seed = 4711;
const chance = (below) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
let number = 0;
// What came into another tree during this task.
const crossed = new Set();
const word = (node) => {
  const line = [];
  for (let at = node; at; at = at.parentElement ?? at.getRootNode().host) line.push(at);
  const within = (name) => line.some((each) => each.classList.contains(name));
  if (within("rr-block")) {
    if (line.some((each) => crossed.has(each))) return `BLOCKED-crossed-${++number}`;
    if (line.includes(turning)) return `BLOCKED-turned-${++number}`;
    return `BLOCKED-churn-${++number}`;
  }
  return within("rr-mask") ? `MASKED-churn-${++number}` : `WORD-churn-${++number}`;
};
const reword = (node) => {
  for (const each of [node, ...node.querySelectorAll("*")]) {
    if (roots.includes(each)) continue;
    each.title = word(each);
    for (const text of each.childNodes) if (text.nodeType === 3) text.data = word(each);
  }
};
const all = () => roots.flatMap((root) => [...root.querySelectorAll("*")]);
const grow = (parent) => {
  const node = document.createElement(["p", "div", "span"][chance(3)]);
  if (chance(8) === 0) node.className = ["rr-mask", "rr-block"][chance(2)];
  parent.append(node);
  node.append("", document.createElement("b"));
  node.lastChild.append("");
  reword(node);
};
const step = () => {
  const nodes = all();
  const node = nodes[chance(nodes.length)];
  const place = [...roots, ...nodes][chance(roots.length + nodes.length)];
  const kind = chance(5);
  if (!node || kind === 0 || nodes.length < 20) return grow(place);
  if (kind === 1 && nodes.length > 120) return node.remove();
  if (kind === 2) return reword(node);
  const crosses = node.getRootNode() !== place.getRootNode();
  if (node.contains(place) || (crosses && !isCrossing)) return grow(place);
  if (crosses) crossed.add(node);
  place.insertBefore(node, place.childNodes[chance(place.childNodes.length + 1)] ?? null);
  reword(node);
};
window.acts = Array.from({ length: 12 }, (_, act) => async () => {
  for (let task = 0; task < 6; task += 1) {
    // What turns is empty while it does: old words under new rules are another page's question.
    if (task === 3) {
      turning.replaceChildren();
      turning.className = ["", "rr-mask", "rr-block"][act % 3];
    }
    for (let count = 0; count < 8; count += 1) step();
    crossed.clear();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});
