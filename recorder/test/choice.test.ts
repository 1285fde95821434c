import { afterEach, describe, expect, it, vi } from "vitest";
import { Choice } from "../src/choice";
import { MemoryStorage } from "./memory_storage";

const OPTED_OUT = "the visitor opted out";
const GPC = "Global Privacy Control is on";
const CONSENT = "consent is not given";

function setUp(storage = new MemoryStorage(), globalPrivacyControl: boolean | undefined = undefined) {
  const tab = new EventTarget();
  vi.stubGlobal("addEventListener", tab.addEventListener.bind(tab));
  vi.stubGlobal("navigator", { globalPrivacyControl });
  const changed = vi.fn();
  const choice = new Choice(storage, changed);
  choice.listen(new AbortController().signal);
  return { choice, changed, storage, tab };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("choice", () => {
  it("lets a page record where nobody said anything", () => {
    expect(setUp().choice.refusal).toBeNull();
    expect(setUp(new MemoryStorage(), false).choice.refusal).toBeNull();
  });

  it("keeps an opt-out for later pages until it is taken back", () => {
    const { choice, changed, storage } = setUp();
    choice.opt(true);
    expect(choice.refusal).toBe(OPTED_OUT);
    const later = setUp(storage).choice;
    expect(later.refusal).toBe(OPTED_OUT);
    later.opt(false);
    expect(later.refusal).toBeNull();
    expect(setUp(storage).choice.refusal).toBeNull();
    expect(changed).toHaveBeenCalledOnce();
  });

  it("holds an opt-out for this page where nothing can be stored", () => {
    const { choice } = setUp({ get: () => null, set: () => undefined, remove: () => undefined } as never);
    choice.opt(true);
    expect(choice.refusal).toBe(OPTED_OUT);
  });

  it("hears at once what another tab chose, and that all was cleared", () => {
    const { changed, tab } = setUp();
    const event = (key: string | null) => tab.dispatchEvent(Object.assign(new Event("storage"), { key }));
    event("cart");
    expect(changed).not.toHaveBeenCalled();
    event("reelstream.optout");
    event(null);
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it("honours Global Privacy Control until the project is known not to", () => {
    const { choice } = setUp(new MemoryStorage(), true);
    expect(choice.refusal).toBe(GPC);
    choice.honourGpc(false);
    expect(choice.refusal).toBeNull();
    choice.honourGpc(true);
    expect(choice.refusal).toBe(GPC);
  });

  it("waits for consent where it is needed, deleting nothing meanwhile, and can lose it again", () => {
    const { choice, changed } = setUp();
    choice.awaitConsent();
    choice.honourGpc(true);
    expect(choice.refusal).toBe(CONSENT);
    expect(changed).not.toHaveBeenCalled();
    choice.consent(true);
    expect(choice.refusal).toBeNull();
    // Said again by a script that loads late.
    choice.awaitConsent();
    expect(choice.refusal).toBeNull();
    choice.consent(false);
    expect(choice.refusal).toBe(CONSENT);
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it("does not take consent for more than it is", () => {
    const { choice } = setUp(new MemoryStorage(), true);
    choice.consent(true);
    expect(choice.refusal).toBe(GPC);
    choice.opt(true);
    choice.honourGpc(false);
    expect(choice.refusal).toBe(OPTED_OUT);
  });
});
