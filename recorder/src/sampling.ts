/**
 * FNV-1a, 32 bits, over the ASCII bytes of `text`.
 * Source: Fowler, Noll and Vo, offset basis 2166136261, prime 16777619.
 */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** The session's place in 0…9999: hundredths of a percent, the same number the server computes. */
export function samplingBucket(sessionId: string): number {
  return fnv1a32(sessionId.toLowerCase()) % 10_000;
}

/** True when a session is recorded at this rate. `percent` is 0…100; hundredths count. */
export function isSampled(sessionId: string, percent: number): boolean {
  return samplingBucket(sessionId) < Math.round(percent * 100);
}
