const PLANTS = [
  { name: "Maidenhair fern", price: 14, light: "shade", leaf: "#6f9a76", pot: "#c98f6b" },
  { name: "Prayer plant", price: 18, light: "shade", leaf: "#4f8a6b", pot: "#8f9bb3" },
  { name: "Cast iron plant", price: 26, light: "shade", leaf: "#39694f", pot: "#d0b48a" },
  { name: "Lemon thyme", price: 6, light: "sun", leaf: "#9fb45a", pot: "#b97a5e" },
  { name: "Little olive", price: 32, light: "sun", leaf: "#8a9c78", pot: "#7f8b86" },
  { name: "Blue agave", price: 22, light: "sun", leaf: "#7aa3a0", pot: "#caa27e" },
];

const byId = (id) => document.getElementById(id);
const basket = new Map();

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function picture({ leaf, pot }) {
  const leaves = [-50, -25, 0, 25, 50]
    .map((turn) => `<ellipse cx='60' cy='46' rx='9' ry='32' transform='rotate(${turn} 60 78)'/>`)
    .join("");
  const svg =
    `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 120 120'><g fill='${leaf}'>${leaves}</g>` +
    `<path d='M38 74h44l-6 36H44z' fill='${pot}'/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function card(plant) {
  const item = element("li", "card", "");
  item.dataset.light = plant.light;
  const image = document.createElement("img");
  image.src = picture(plant);
  image.alt = "";
  const link = document.createElement("a");
  link.href = pathOf(plant);
  link.textContent = plant.name;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    visit(plant);
  });
  const name = element("h3", "", "");
  name.append(link);
  const button = element("button", "add", "Add to basket");
  button.type = "button";
  button.dataset.plant = plant.name;
  button.addEventListener("click", () => change(plant, 1));
  item.append(image, name, element("p", "price", `€ ${plant.price} · ${plant.light}`), button);
  return item;
}

function change(plant, by) {
  const count = (basket.get(plant) ?? 0) + by;
  if (count > 0) basket.set(plant, count);
  else basket.delete(plant);
  showBasket();
}

function showBasket() {
  const rows = [...basket].map(([plant, count]) => {
    const row = element("li", "", "");
    const remove = element("button", "remove", "×");
    remove.type = "button";
    remove.setAttribute("aria-label", `Take one ${plant.name} out`);
    remove.addEventListener("click", () => change(plant, -1));
    row.append(element("span", "", `${count} × ${plant.name}`), element("span", "sum", `€ ${count * plant.price}`), remove);
    return row;
  });
  byId("basket").replaceChildren(...rows);
  const counts = [...basket.values()];
  byId("count").textContent = String(counts.reduce((sum, count) => sum + count, 0));
  byId("total").textContent = `€ ${[...basket].reduce((sum, [plant, count]) => sum + count * plant.price, 0)}`;
  byId("empty").hidden = counts.length > 0;
}

function filter(light) {
  for (const item of byId("cards").children) item.hidden = light !== "" && item.dataset.light !== light;
  for (const button of document.querySelectorAll(".filters button")) {
    button.setAttribute("aria-pressed", String(button.dataset.light === light));
  }
}

// Plants have addresses of their own within this document, as single-page applications do.
function pathOf({ name }) {
  return `/plants/${name.toLowerCase().replaceAll(" ", "-")}`;
}

function visit(plant) {
  history.pushState(null, "", (plant ? pathOf(plant) : "/index.html") + location.search);
  route();
}

function route() {
  const plant = PLANTS.find((each) => pathOf(each) === location.pathname);
  byId("goods-title").textContent = plant?.name ?? "Plants for quiet corners";
  byId("cards").hidden = document.querySelector(".filters").hidden = plant !== undefined;
  byId("detail").hidden = plant === undefined;
  byId("detail").replaceChildren(...(plant ? details(plant) : []));
  document.title = `${plant?.name ?? "Plants for quiet corners"} · Larch & Loam`;
}

function details(plant) {
  const image = Object.assign(document.createElement("img"), { src: picture(plant), alt: "" });
  const care = plant.light === "shade" ? "A north window, and water once the soil is dry." : "A south window, and little water.";
  const back = element("button", "back", "All plants");
  back.type = "button";
  back.addEventListener("click", () => visit(null));
  const add = element("button", "primary", "Add to basket");
  add.type = "button";
  add.addEventListener("click", () => change(plant, 1));
  const buttons = element("p", "buttons", "");
  buttons.append(add, back);
  return [image, element("p", "price", `€ ${plant.price} · ${plant.light}`), element("p", "", care), buttons];
}

byId("cards").append(...PLANTS.map(card));
for (const button of document.querySelectorAll(".filters button")) {
  button.addEventListener("click", () => filter(button.dataset.light));
}

addEventListener("popstate", route);
route();

byId("account").addEventListener("submit", (event) => {
  event.preventDefault();
  const thanks = byId("thanks");
  thanks.textContent = `Thank you${byId("name").value ? `, ${byId("name").value}` : ""}. Nothing will be sent.`;
  thanks.hidden = false;
});

// The blocked box changes by itself, so that later mutations of it, not its first state alone, have to be hidden.
setInterval(() => {
  const code = String(Math.floor(Math.random() * 1_000_000)).padStart(6, "0");
  byId("code").textContent = code;
  byId("secret").textContent = `SECRET-CARD-4929-8113-${code}`;
}, 2_000);
