import { type Bytes, cutToFit, plainBody } from "./body";
import { type Payload, payload, seal } from "./payload";
import type { Transport } from "./transport";

/**
 * Sends the beginning of the queue by requests that outlive the page, as far as browsers allow, and says how many
 * payloads that is; one may be cut in two. They are not compressed: CompressionStream answers later, when the page may
 * be gone. `keeps` says that the rest will be kept.
 */
export function sendWithPage(queue: Payload[], transport: Transport, keeps: boolean): number {
  let next = 0;
  for (let head = queue[0]; head !== undefined; head = queue[++next]) {
    if (head.inFlight) {
      if (!head.outlives) break;
      continue;
    }
    // It failed before: what is kept is safer than what is sent into the blue.
    if (head.attempts > 0 && keeps) break;
    const room = transport.keepaliveRoom;
    if (head.sealed === undefined) {
      const [fits, rest] = cutToFit(head, room);
      if (rest.length > 0) {
        if (fits.length === 0) break;
        const parts = [payload(head.pageLoad, fits, head.user, head), payload(head.pageLoad, rest, head.user)] as const;
        queue.splice(next, 1, ...parts);
        head = parts[0];
      }
    }
    const sealed = seal(head, head.sealed?.body ?? plainBody(head));
    if (sealed.body.bytes.length > room) break;
    head.inFlight = transport.post(head, sealed, true);
  }
  return next;
}

/** A payload as it would be sent: where to, and the bytes. */
export function asSent(each: Payload, transport: Transport): { address: string; bytes: Bytes } {
  const sealed = seal(each, each.sealed?.body ?? plainBody(each));
  return { address: transport.address(each, sealed), bytes: sealed.body.bytes };
}
