// What jsdom 29 lacks of the things the player calls.

const done = new WeakSet();

/** Fills the gaps of a window, and of those of its iframes when they are first asked for. */
export function completeWindow(window) {
  if (done.has(window)) return;
  done.add(window);
  window.scrollTo = () => {};
  window.HTMLCanvasElement.prototype.getContext = () => null;
  Object.assign(window.HTMLMediaElement.prototype, { play: () => Promise.resolve(), pause() {}, load() {} });
  Object.assign(window.HTMLDialogElement.prototype, {
    show() {
      this.open = true;
    },
    showModal() {
      this.open = true;
    },
    close() {
      this.open = false;
    },
  });
  // The player writes the doctype of a page in quirks mode; jsdom's parser adds html, head and body at once.
  window.Document.prototype.write = function () {
    this.append(this.implementation.createDocumentType("html", "", ""));
  };
  reachIframes(window);
}

function reachIframes(window) {
  const { prototype } = window.HTMLIFrameElement;
  for (const name of ["contentWindow", "contentDocument"]) {
    const { get } = Object.getOwnPropertyDescriptor(prototype, name);
    Object.defineProperty(prototype, name, {
      get() {
        const value = get.call(this);
        const inner = name === "contentWindow" ? value : value?.defaultView;
        if (inner) completeWindow(inner);
        return value;
      },
    });
  }
}
