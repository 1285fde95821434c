import { describe, expect, it } from "vitest";
import { jsonLines } from "../api";

/** The text's UTF-8 bytes in pieces of `size`, as a network may deliver them. */
function stream(text: string, size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

async function read(text: string, size: number): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of jsonLines(stream(text, size))) values.push(value);
  return values;
}

describe("JSON lines", () => {
  it.each([1, 2, 7, 1_000])("are read whole however the network cuts them (%i bytes)", async (size) => {
    const values = [{ text: "žluť\n" }, 2, ["a\nb"]];
    const lines = values.map((value) => JSON.stringify(value));
    expect(await read(lines.join("\n") + "\n", size)).toEqual(values);
    expect(await read(lines.join("\n"), size)).toEqual(values);
  });

  it("give an error, not a shorter recording, when the last line is cut", async () => {
    await expect(read('{"a":1}\n{"b":', 4)).rejects.toThrow(SyntaxError);
  });
});
