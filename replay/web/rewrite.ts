import type { eventWithTime } from "@rrweb/types";
import { AdoptedSheets } from "./adopted";
import { Canvases } from "./canvases";
import { CustomElements } from "./custom_elements";
import { Sheets } from "./sheets";
import { Tamer } from "./tame";
import { type Kind, Unseen } from "./unseen";

/** Makes of a window's events, in their order, those that the player is given. */
export class Rewriter {
  readonly #canvases = new Canvases();
  readonly #unseen = new Unseen(this.#canvases);
  readonly #elements = new CustomElements();
  readonly #sheets = new Sheets();
  readonly #adopted = new AdoptedSheets();
  readonly #tamer = new Tamer();

  /** The events to play for `event`, which is changed in place. */
  async rewrite(event: eventWithTime): Promise<eventWithTime[]> {
    const drawn = this.#canvases.due(event.timestamp);
    await this.#canvases.draw(event);
    const after = [...this.#unseen.rewrite(event), ...this.#elements.rewrite(event)];
    this.#sheets.rewrite(event);
    const own = this.#unseen.isSilent(event) ? [] : this.#adopted.rewrite(event);
    return [...drawn, ...own, ...after].filter((each) => this.#tamer.tame(each) !== null);
  }

  /** What is still to be shown after the last event, whose time is `at`. */
  end(at: number): eventWithTime[] {
    return this.#canvases.due(Infinity).map((event) => ({ ...event, timestamp: at }));
  }

  /** What the recording does not hold, by kind, and addresses that its style sheets mention. */
  unseen(): { counts: Map<Kind, number>; addresses: number } {
    return { counts: this.#unseen.counts(), addresses: this.#sheets.addresses.size };
  }
}
