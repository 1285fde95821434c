import type { Answer } from "./config";

/** What is known of this page, for `checkPage`. */
export interface Facts {
  /** The write key and the gateway's address, or null while nobody called `start`. */
  readonly key: string | null;
  readonly endpoint: string | null;
  readonly session: string | null;
  /** Why the person's choice or the page's forbids it, in words, or null. */
  readonly refusal: string | null;
  /** Why the recorder ended by itself, or null. */
  readonly ended: string | null;
  /** Asks the gateway now. */
  readonly ask: () => Promise<Answer>;
}

/** The answer to "is this page being recorded, and if not, why?" */
export interface Report {
  readonly recording: boolean;
  readonly session: string | null;
  readonly origin: string;
  readonly key: string | null;
  readonly endpoint: string | null;
  /** `reachable`, the status of a refusal, or `unreachable`. */
  readonly gateway: string;
  readonly globalPrivacyControl: boolean;
  readonly storage: boolean;
  /** In plain words, the answer first. */
  readonly sentences: readonly string[];
}

/** Looks at this page and asks the gateway once. */
export async function checkPage(facts: Facts): Promise<Report> {
  const answer: Answer = facts.key === null ? { kind: "unreachable" } : await facts.ask();
  const { globalPrivacyControl } = navigator as Navigator & { globalPrivacyControl?: boolean };
  const recording = facts.session !== null && answer.kind !== "refused";
  const why = reasons(facts, answer);
  const sentences = [
    recording ? "This page is being recorded." : "This page is not being recorded.",
    ...why,
    ...(recording || why.length > 0 ? [] : ["Nobody called reelstream.start yet, or reelstream.stop was called."]),
    ...(storage() ? [] : ["This browser stores nothing for this page: each page is a session of its own."]),
  ];
  return {
    recording,
    session: facts.session,
    origin: location.origin,
    key: facts.key,
    endpoint: facts.endpoint,
    gateway: answer.kind === "config" ? "reachable" : answer.kind === "refused" ? String(answer.status) : "unreachable",
    globalPrivacyControl: globalPrivacyControl === true,
    storage: storage(),
    sentences,
  };
}

function reasons(facts: Facts, answer: Answer): string[] {
  const found: string[] = [];
  if (facts.key === null) return ["No write key: give the script data-key, or call reelstream.start({ key })."];
  if (answer.kind === "refused") {
    found.push(
      answer.status === 401
        ? `The gateway ${facts.endpoint} does not know the write key ${facts.key}.`
        : `The project of the write key does not list this origin, ${location.origin}.`,
    );
  } else if (answer.kind === "unreachable") {
    found.push(
      `The gateway ${facts.endpoint} cannot be reached from this page: it is down, an extension blocks it, or the ` +
        "page's Content-Security-Policy does not list it under connect-src.",
    );
  } else if (!answer.config.recording) {
    found.push("Recording is switched off for the project.");
  }
  if (facts.refusal !== null) found.push(`The recorder leaves this page alone: ${facts.refusal}.`);
  if (facts.session === null && facts.ended !== null) found.push(`It ended: ${facts.ended}.`);
  return found;
}

function storage(): boolean {
  try {
    return localStorage.length >= 0;
  } catch {
    return false;
  }
}
