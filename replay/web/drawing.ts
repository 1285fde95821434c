const MOST_COMMANDS = 20_000;

/** What may be called and set: nothing that loads from an address, makes objects or reads. */
const CALLS = new Set(
  (
    "arc arcTo beginPath bezierCurveTo clearRect clip closePath drawImage ellipse fill fillRect fillText lineTo moveTo " +
    "putImageData quadraticCurveTo rect reset resetTransform restore rotate roundRect save scale setLineDash " +
    "setTransform stroke strokeRect strokeText transform translate"
  ).split(" "),
);
const SETS = new Set(
  (
    "direction fillStyle font fontKerning globalAlpha globalCompositeOperation imageSmoothingEnabled letterSpacing " +
    "lineCap lineDashOffset lineJoin lineWidth miterLimit shadowBlur shadowColor shadowOffsetX shadowOffsetY " +
    "strokeStyle textAlign textBaseline wordSpacing"
  ).split(" "),
);

interface Command {
  property?: unknown;
  args?: unknown;
  setter?: unknown;
}
interface Serialized {
  rr_type?: unknown;
  args?: unknown[];
  data?: unknown[];
  type?: unknown;
  base64?: unknown;
}

/** A canvas of ours on which recorded commands are carried out, in a 2D context and no other. */
export class Drawing {
  #canvas: HTMLCanvasElement | null = null;
  #first: string | null;

  /** Size in px; `first` is a `data:` URL of what was on it, or null. */
  constructor(
    readonly width: number,
    readonly height: number,
    first: string | null,
  ) {
    this.#first = first;
  }

  /** Carries out an event's commands; false if none could be. */
  async run(data: { type?: unknown; commands?: unknown } & Command): Promise<boolean> {
    if (data.type !== 0 || this.width * this.height === 0) return false;
    this.#canvas ??= Object.assign(document.createElement("canvas"), { width: this.width, height: this.height });
    const context = this.#canvas.getContext("2d");
    if (context === null) return false;
    if (this.#first !== null) {
      const picture = await fromBase64(this.#first.slice(this.#first.indexOf(",") + 1), "image/png");
      if (picture) context.drawImage(picture, 0, 0);
      this.#first = null;
    }
    const commands = Array.isArray(data.commands) ? (data.commands as Command[]) : [data];
    let done = false;
    for (const command of commands.slice(0, MOST_COMMANDS)) {
      if (await execute(context, command)) done = true;
    }
    return done;
  }

  /** What is on it now as a `data:` URL. */
  picture(): string | null {
    const url = this.#canvas?.toDataURL("image/png");
    return url?.startsWith("data:image/png;base64,") ? url : null;
  }
}

async function execute(context: CanvasRenderingContext2D, { property, args, setter }: Command): Promise<boolean> {
  const [name, given] = [String(property), Array.isArray(args) ? args : []];
  const values = await Promise.all(given.map(value));
  if (values.includes(undefined)) return false;
  try {
    const target = context as unknown as Record<string, unknown>;
    if (setter) {
      if (SETS.has(name)) target[name] = values[0];
      return SETS.has(name);
    }
    if (!CALLS.has(name)) return false;
    (target[name] as (...all: unknown[]) => unknown).apply(context, values);
    return true;
  } catch {
    return false;
  }
}

/** An argument made real; undefined for what is not supported. */
async function value(given: unknown): Promise<unknown> {
  if (given === null || ["number", "string", "boolean"].includes(typeof given)) return given;
  if (Array.isArray(given)) return given.every((each) => typeof each === "number") ? given : undefined;
  const { rr_type, args = [], data = [], type } = given as Serialized;
  if (rr_type === "ImageBitmap" && args.length > 0) return value(args[0]);
  if (rr_type === "Blob" && data.length > 0) {
    const { base64 } = data[0] as Serialized;
    return (await fromBase64(String(base64), String(type))) ?? undefined;
  }
  if (rr_type === "ImageData" && args.length >= 2) return imageData(args);
  return undefined;
}

function imageData([pixels, width, height]: unknown[]): ImageData | undefined {
  const buffer = ((pixels as Serialized)?.args?.[0] ?? {}) as Serialized;
  try {
    const bytes = bytesOf(String(buffer.base64 ?? ""));
    return new ImageData(new Uint8ClampedArray(bytes), Number(width), Number(height));
  } catch {
    return undefined;
  }
}

/** A picture out of bytes; null if they are none. Drawings (SVG), which could refer to others, are not taken. */
async function fromBase64(base64: string, type: string): Promise<ImageBitmap | null> {
  if (!/^image\/(png|jpeg|webp)$/.test(type)) return null;
  try {
    return await createImageBitmap(new Blob([bytesOf(base64)], { type }));
  } catch {
    return null;
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
