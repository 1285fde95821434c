import { v7 as uuidv7, validate, version } from "uuid";
import type { KeyValue } from "./storage";

const STORAGE_KEY = "reelstream.session";

/** A session ends after this long without a sign of the user. */
export const IDLE_MS = 30 * 60_000;
/** A session never lasts longer than this, however busy. */
export const MAX_AGE_MS = 24 * 60 * 60_000;
/** How stale this tab's view of the shared session may be; bounds localStorage traffic while a mouse moves. */
const SYNC_MS = 1_000;

/** Forgets the session of all tabs. */
export function forgetSession(storage: KeyValue): void {
  storage.remove(STORAGE_KEY);
}

interface Session {
  id: string;
  startedAt: number;
  lastActivity: number;
}

/**
 * The session all tabs of this origin share through localStorage.
 * An expired session stays expired until the user does something: a clock that ticks on an abandoned page
 * neither prolongs a session nor starts one.
 */
export class SessionClock {
  private session: Session | null = null;
  private syncedAt = -Infinity;

  constructor(private readonly storage: KeyValue) {}

  /**
   * The id of the session that `now` (epoch ms) belongs to, or null while the last one has expired.
   * `active` says that the user did something: it prolongs the session, or starts a new one.
   */
  at(now: number, active: boolean): string | null {
    if (Math.abs(now - this.syncedAt) >= SYNC_MS) this.read(now);
    if (this.session === null || isExpired(this.session, now)) {
      if (!active) return null;
      // Another tab may have started the next session within the last second.
      this.read(now);
      if (this.session === null || isExpired(this.session, now)) {
        this.write({ id: uuidv7(), startedAt: now, lastActivity: now });
      }
    } else if (active && now - this.session.lastActivity >= SYNC_MS) {
      this.write({ ...this.session, lastActivity: now });
    }
    return this.session?.id ?? null;
  }

  private read(now: number): void {
    this.session = parse(this.storage.get(STORAGE_KEY)) ?? this.session;
    this.syncedAt = now;
  }

  private write(session: Session): void {
    this.session = session;
    this.storage.set(STORAGE_KEY, JSON.stringify(session));
  }
}

function isExpired(session: Session, now: number): boolean {
  // A clock set back must not keep a session alive for ever, hence the absolute value.
  return Math.abs(now - session.lastActivity) >= IDLE_MS || now - session.startedAt >= MAX_AGE_MS;
}

function parse(text: string | null): Session | null {
  if (text === null) return null;
  try {
    const { id, startedAt, lastActivity } = JSON.parse(text) as Partial<Session>;
    if (typeof id !== "string" || !validate(id) || version(id) !== 7) return null;
    if (typeof startedAt !== "number" || typeof lastActivity !== "number") return null;
    return { id: id.toLowerCase(), startedAt, lastActivity };
  } catch {
    return null;
  }
}
