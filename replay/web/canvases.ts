import { EventType, type eventWithTime, IncrementalSource } from "@rrweb/types";
import { Drawing } from "./drawing";
import { type Attributes, change } from "./nodes";
import { blank, framed, pixels, placeholder } from "./placeholder";

/** A canvas is pictured at most this often, ms. */
const PICTURE_EVERY_MS = 500;
/** Of all canvases of a page that are drawn on, px. */
const LARGEST_AREA = 32_000_000;
/** Of all pictures of a window, characters. */
const MOST_CHARACTERS = 64_000_000;

interface Canvas {
  name: string;
  width: number;
  height: number;
  attributes: Attributes;
  /** A `data:` URL of what is shown. */
  content: string;
  counted: boolean;
  drawing: Drawing | null;
  picturedAt: number;
  due: boolean;
}

/**
 * Gives canvases their box and what was drawn on them. Where no script runs a `<canvas>` is an inline element that
 * shows its children; with `content: url(…)` it is a picture of its own size, under the page's own style.
 * Recorded commands are carried out here, on a canvas of ours, never in the recorded page.
 */
export class Canvases {
  readonly #canvases = new Map<number, Canvas>();
  readonly #missing = new Set<string>();
  #characters = 0;
  #area = 0;

  clear(): void {
    this.#canvases.clear();
    this.#area = 0;
  }

  /** How many were never pictured. */
  missing(): number {
    return this.#missing.size;
  }

  bring(id: number, attributes: Attributes, name: string): void {
    const [width, height] = [pixels(attributes["width"]) ?? 300, pixels(attributes["height"]) ?? 150];
    const first = attributes["rr_dataURL"];
    delete attributes["rr_dataURL"];
    const held = typeof first === "string" && /^data:image\/(png|jpeg|webp);base64,[\w+/=]*$/.test(first);
    const content = held ? framed(first, width, height) : placeholder("Canvas not recorded", width, height);
    if (held) this.#missing.delete(name);
    else this.#missing.add(name);
    const drawing = held ? new Drawing(width, height, first) : null;
    const state = { counted: false, picturedAt: -Infinity, due: false };
    this.#canvases.set(id, { name, width, height, attributes, content, drawing, ...state });
    show(attributes, content);
  }

  /** Keeps the picture over changes of the page's own style, and its size over changes of the canvas. */
  change(id: number, attributes: Attributes): void {
    const canvas = this.#canvases.get(id);
    if (canvas === undefined) return;
    delete attributes["rr_dataURL"];
    if ("width" in attributes || "height" in attributes) {
      canvas.width = pixels(attributes["width"]) ?? canvas.width;
      canvas.height = pixels(attributes["height"]) ?? canvas.height;
      // A canvas that gets a size is empty, as in the page.
      if (canvas.drawing !== null) {
        canvas.counted = false;
        canvas.drawing = new Drawing(canvas.width, canvas.height, null);
        canvas.content = blank(canvas.width, canvas.height);
      } else canvas.content = placeholder("Canvas not recorded", canvas.width, canvas.height);
      show(attributes, canvas.content);
    } else if (typeof attributes["style"] === "string" || attributes["style"] === null) show(attributes, canvas.content);
  }

  /** Carries out the commands of an event. */
  async draw(event: eventWithTime): Promise<void> {
    if (event.type !== EventType.IncrementalSnapshot || event.data.source !== IncrementalSource.CanvasMutation) return;
    const canvas = this.#canvases.get(event.data.id);
    if (canvas === undefined || event.data.type !== 0) return;
    if (!canvas.counted) this.#area += canvas.width * canvas.height;
    canvas.counted = true;
    if (this.#area > LARGEST_AREA) return;
    if (canvas.drawing === null) {
      canvas.drawing = new Drawing(canvas.width, canvas.height, null);
      // It was recorded, then: until now it was empty, not unknown.
      canvas.content = blank(canvas.width, canvas.height);
      show(canvas.attributes, canvas.content);
    }
    if (await canvas.drawing.run(event.data)) canvas.due = true;
  }

  /** Pictures that are due before `at`, as changes of the page. At the end, `at` is infinite. */
  due(at: number): eventWithTime[] {
    const ready = [];
    for (const [id, canvas] of this.#canvases) {
      if (!canvas.due || at < canvas.picturedAt + PICTURE_EVERY_MS) continue;
      const content = canvas.drawing?.picture() ?? null;
      canvas.due = false;
      if (content === null || this.#characters + content.length > MOST_CHARACTERS) continue;
      this.#characters += content.length;
      this.#missing.delete(canvas.name);
      canvas.content = content;
      canvas.picturedAt = at;
      ready.push({ id, attributes: { style: { content: [`url("${content}")`, "important"] } } });
    }
    return ready.length > 0 ? [change(at, ready)] : [];
  }
}

function show(attributes: Attributes, content: string): void {
  const style = attributes["style"];
  const ours = `content:url("${content}") !important`;
  if (typeof style === "object" && style !== null) {
    attributes["style"] = { ...style, content: [`url("${content}")`, "important"] };
  } else attributes["style"] = style ? `${String(style)};${ours}` : ours;
}
