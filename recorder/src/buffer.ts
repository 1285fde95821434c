import { EventType, type eventWithTime } from "@rrweb/types";

/** What is never cut apart: one event as JSON, or a Meta and its full snapshot joined by a comma. */
export interface Unit {
  readonly json: string;
  readonly keyframe: boolean;
}

/** Collects events as JSON until they are taken to be sent. */
export class EventBuffer {
  private units: Unit[] = [];
  private meta: string | null = null;
  private length = 0;

  /** Length of the JSON waiting, in UTF-16 units. A Meta still waiting for its snapshot does not count. */
  get size(): number {
    return this.length;
  }

  /** Written as JSON at once: rrweb may go on changing the object. */
  add(event: eventWithTime): void {
    const json = JSON.stringify(event);
    if (event.type === EventType.Meta) {
      this.releaseMeta();
      this.meta = json;
    } else if (event.type === EventType.FullSnapshot && this.meta !== null) {
      this.push({ json: `${this.meta},${json}`, keyframe: true });
      this.meta = null;
    } else {
      this.releaseMeta();
      this.push({ json, keyframe: event.type === EventType.FullSnapshot });
    }
  }

  /** All that waits, oldest first; the buffer is empty afterwards, but for a Meta whose snapshot has not come. */
  take(): Unit[] {
    const taken = this.units;
    this.units = [];
    this.length = 0;
    return taken;
  }

  private releaseMeta(): void {
    if (this.meta !== null) this.push({ json: this.meta, keyframe: false });
    this.meta = null;
  }

  private push(unit: Unit): void {
    this.units.push(unit);
    this.length += unit.json.length + 1;
  }
}
