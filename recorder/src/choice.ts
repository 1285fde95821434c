import type { KeyValue } from "./storage";

const OPTED_OUT = "reelstream.optout";
const GPC = "Global Privacy Control is on";

/**
 * What the person wants: an opt-out that lasts and holds in every tab of the origin, Global Privacy Control, and the
 * consent that a page may wait for.
 */
export class Choice {
  /** Null where nobody asks for it. */
  private consented: "awaited" | boolean | null = null;
  /** Where nothing can be stored an opt-out lasts as long as the page. */
  private optedOut = false;
  /** Honoured until the project is known not to. */
  private honoursGpc = true;

  /** `changed` is called after anything that decides whether to record, also in another tab. */
  constructor(
    private readonly storage: KeyValue,
    private readonly changed: () => void,
  ) {}

  /** Follows what other tabs say, until the signal. */
  listen(signal: AbortSignal): void {
    addEventListener(
      "storage",
      ({ key }) => {
        // Null: all was cleared.
        if (key === OPTED_OUT || key === null) this.changed();
      },
      { signal },
    );
  }

  /** Why nothing may be recorded, stored or sent, in words; null when it may. */
  get refusal(): string | null {
    if (this.optedOut || this.storage.get(OPTED_OUT) !== null) return "the visitor opted out";
    if (this.honoursGpc && hasGpc()) return GPC;
    return this.consented === false || this.consented === "awaited" ? "consent is not given" : null;
  }

  /** Whether the project's word on Global Privacy Control could change the answer. */
  get dependsOnProject(): boolean {
    return this.refusal === null || this.refusal === GPC;
  }

  /** Consent is needed: until it is given or denied nothing is recorded, stored or sent, and nothing is deleted. */
  awaitConsent(): void {
    this.consented ??= "awaited";
  }

  /** `out` persists the opt-out, else it is taken back. */
  opt(out: boolean): void {
    this.optedOut = out;
    if (out) this.storage.set(OPTED_OUT, "1");
    else this.storage.remove(OPTED_OUT);
    this.changed();
  }

  consent(given: boolean): void {
    this.consented = given;
    this.changed();
  }

  /** What the project says of Global Privacy Control. */
  honourGpc(honours: boolean): void {
    if (this.honoursGpc === honours) return;
    this.honoursGpc = honours;
    if (this.consented !== "awaited") this.changed();
  }
}

function hasGpc(): boolean {
  return (navigator as Navigator & { globalPrivacyControl?: boolean }).globalPrivacyControl === true;
}
