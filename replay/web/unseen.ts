import { EventType, type eventWithTime, IncrementalSource, NodeType } from "@rrweb/types";
import { Canvases } from "./canvases";
import { type Attributes, brought, change, changes, isElement, localName, type RecordedNode } from "./nodes";
import { mark, pixels, placeholder } from "./placeholder";

/** What a recording does not hold, by the words a person knows it by. */
export type Kind = "picture" | "sprite" | "canvas" | "frame" | "video" | "sound" | "sheet" | "embedded" | "font";

interface Picture {
  width: number | null;
  height: number | null;
  alt: string;
}

function isRecorded(address: unknown): boolean {
  return typeof address !== "string" || address === "" || /^\s*(data:|#|about:)/i.test(address);
}

/**
 * Puts a placeholder of the same size where something was that the recording does not hold, since a player that
 * fetched it would tell its host who is watched, and counts what it is.
 */
export class Unseen {
  readonly #canvases: Canvases;
  readonly #seen = new Map<Kind, Set<string>>();
  readonly #pictures = new Map<number, Picture>();
  readonly #frames = new Set<number>();
  readonly #silent = new Set<number>();
  #address = "";

  constructor(canvases: Canvases) {
    this.#canvases = canvases;
  }

  /** How many of each kind are missing. */
  counts(): Map<Kind, number> {
    const all = new Map([...this.#seen].map(([kind, ids]) => [kind, ids.size] as [Kind, number]));
    all.set("canvas", this.#canvases.missing());
    return new Map([...all].filter(([, count]) => count > 0));
  }

  /** True for an event that would play what is not there. */
  isSilent(event: eventWithTime): boolean {
    if (event.type !== EventType.IncrementalSnapshot) return false;
    return event.data.source === IncrementalSource.MediaInteraction && this.#silent.has(event.data.id);
  }

  /** Changes the event in place; events to follow it. */
  rewrite(event: eventWithTime): eventWithTime[] {
    if (event.type === EventType.Meta) this.#address = String(event.data.href ?? "").split("#")[0] ?? "";
    if (event.type === EventType.FullSnapshot) {
      this.#pictures.clear();
      this.#frames.clear();
      this.#silent.clear();
      this.#canvases.clear();
    }
    const arrived: number[] = [];
    for (const { node, parentId } of brought(event)) {
      if (node.type === NodeType.Document && this.#frames.delete(parentId)) arrived.push(parentId);
      if (isElement(node)) this.#element(node);
    }
    for (const { id, attributes } of changes(event)) this.#changed(id, attributes);
    if (event.type === EventType.IncrementalSnapshot && event.data.source === IncrementalSource.Font) {
      if (!event.data.buffer && !isRecorded(event.data.fontSource)) this.#miss("font", String(event.data.family));
    }
    for (const id of arrived) this.#seen.get("frame")?.delete(this.#name(id));
    const shown = { style: { "background-image": false, "background-size": false } };
    return arrived.length > 0 ? [change(event.timestamp, arrived.map((id) => ({ id, attributes: shown })))] : [];
  }

  #name(id: number): string {
    return `${this.#address} ${id}`;
  }

  #miss(kind: Kind, name: string): void {
    const names = this.#seen.get(kind) ?? new Set();
    this.#seen.set(kind, names.add(name));
  }

  #element(node: RecordedNode): void {
    const attributes = node.attributes ?? {};
    node.attributes = attributes;
    const [id, tag] = [node.id ?? 0, localName(node)];
    if (tag === "canvas") this.#canvases.bring(id, attributes, this.#name(id));
    else if (tag === "img" || (tag === "input" && attributes["type"] === "image")) this.#picture(id, attributes);
    else if (tag === "source") delete attributes["srcset"];
    else if (tag === "image") this.#drawn(id, attributes);
    else if (tag === "use") this.#sprite(id, node, attributes);
    else if (tag === "iframe" || tag === "frame") this.#frame(id, attributes);
    else if (tag === "video" || tag === "audio") this.#media(id, tag, attributes);
    else if (tag === "link") this.#sheet(id, attributes);
    else if (tag === "embed" || (tag === "object" && !isRecorded(attributes["data"]))) {
      this.#miss("embedded", this.#name(id));
    }
  }

  #changed(id: number, attributes: Attributes): void {
    const picture = this.#pictures.get(id);
    if (picture !== undefined) this.#picture(id, attributes, picture);
    this.#canvases.change(id, attributes);
    if (typeof attributes["_cssText"] === "string") this.#seen.get("sheet")?.delete(this.#name(id));
  }

  #picture(id: number, attributes: Attributes, known: Picture = { width: null, height: null, alt: "" }): void {
    const width = pixels(attributes["width"]) ?? known.width;
    const height = pixels(attributes["height"]) ?? known.height;
    const picture = { width, height, alt: String(attributes["alt"] ?? known.alt) };
    this.#pictures.set(id, picture);
    const held = typeof attributes["rr_dataURL"] === "string" && isRecorded(attributes["rr_dataURL"]);
    const fetched = !isRecorded(attributes["src"]) || ("srcset" in attributes && !("src" in attributes));
    if ("srcset" in attributes) delete attributes["srcset"];
    if (held || !fetched) return;
    this.#miss("picture", this.#name(id));
    const words = picture.alt ? `Picture not recorded: ${picture.alt}` : "Picture not recorded";
    attributes["src"] = width === null && height === null ? mark(words) : placeholder(words, width, height);
  }

  #drawn(id: number, attributes: Attributes): void {
    for (const name of ["href", "xlink:href"]) {
      if (isRecorded(attributes[name])) continue;
      this.#miss("picture", this.#name(id));
      attributes[name] = placeholder("Picture not recorded", pixels(attributes["width"]), pixels(attributes["height"]));
    }
  }

  #sprite(id: number, node: RecordedNode, attributes: Attributes): void {
    for (const name of ["href", "xlink:href"]) {
      const address = attributes[name];
      if (isRecorded(address)) continue;
      const [file, part = ""] = String(address).split("#");
      if (file === this.#address && part) attributes[name] = `#${part}`;
      else {
        this.#miss("sprite", this.#name(id));
        // What is used lies in another file: its place is shown instead.
        node.tagName = "rect";
        const place = { width: "100%", height: "100%", fill: "#8c968f", "fill-opacity": "0.35" };
        node.attributes = { ...place, stroke: "#3b463f", "stroke-dasharray": "2 2" };
      }
    }
  }

  #frame(id: number, attributes: Attributes): void {
    if (attributes["rr_src"] === undefined) return;
    this.#frames.add(id);
    this.#miss("frame", this.#name(id));
    const picture = placeholder("Frame of another site", null, null);
    const style = `background-image:url("${picture}") !important;background-size:100% 100% !important`;
    attributes["style"] = attributes["style"] ? `${String(attributes["style"])};${style}` : style;
  }

  #media(id: number, tag: "video" | "audio", attributes: Attributes): void {
    if (String(attributes["src"] ?? "").startsWith("data:")) return;
    this.#miss(tag === "video" ? "video" : "sound", this.#name(id));
    this.#silent.add(id);
    for (const name of Object.keys(attributes)) {
      if (name === "src" || name.startsWith("rr_media")) delete attributes[name];
    }
    if (tag === "video" && !String(attributes["poster"] ?? "").startsWith("data:")) {
      attributes["poster"] = placeholder("Video not recorded", null, null);
    }
  }

  #sheet(id: number, attributes: Attributes): void {
    const rel = String(attributes["rel"] ?? "").toLowerCase();
    if (/\bstylesheet\b/.test(rel) && attributes["_cssText"] === undefined) this.#miss("sheet", this.#name(id));
  }
}
