import { halve } from "./body";
import { type Payload, isKeyframe, payload } from "./payload";
import { shrink } from "./shrink";

/**
 * What to send in place of a payload that was too large or too slow: its halves, or one event made smaller. Null when
 * there is nothing smaller. `refused` says that the gateway has not stored it, so that its number is free again.
 */
export function smaller(head: Payload, refused: boolean): Payload[] | null {
  const { pageLoad, units, user, loss, slow } = head;
  const seq = refused ? head.sealed?.seq : undefined;
  const [unit] = units;
  if (unit === undefined) return null;
  if (units.length > 1) {
    // A page hide has already used the next number.
    if (seq !== undefined && pageLoad.nextSeq !== seq + 1) return null;
    const [first, second] = halve(units);
    return [payload(pageLoad, first, user, { loss, seq, slow }), payload(pageLoad, second, user, { slow })];
  }
  const less = shrink(unit, false) ?? shrink(unit, true);
  if (less === null) return null;
  const reason = isKeyframe(head) ? "snapshot_too_large" : "refused";
  const count = less.left + (loss?.count ?? 0);
  return [payload(pageLoad, [less.unit], user, { loss: { reason, count }, seq, slow })];
}
