type Child = Node | string;

/** A new element with a class and children; strings become text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** The element a page's HTML promises under this id. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/** Shows `text` in the page's one status line, or hides the line. */
export function status(text: string | null): void {
  const line = byId("status");
  line.textContent = text ?? "";
  line.hidden = text === null;
}
