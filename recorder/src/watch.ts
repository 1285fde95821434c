import { EventType, type eventWithTime, IncrementalSource } from "@rrweb/types";
import type { Follower, Mirror } from "./roots";

/** Classes and ids in lower case, as documents in quirks mode compare them; names of attributes as written. */
export interface Watched {
  readonly classes: ReadonlySet<string>;
  readonly ids: ReadonlySet<string>;
  readonly attributes: ReadonlySet<string>;
}

/** Reads selectors of one class, id or attribute each; others are passed over. */
export function watchedOf(selectors: readonly string[]): Watched {
  const watched = { classes: new Set<string>(), ids: new Set<string>(), attributes: new Set<string>() };
  for (const selector of selectors) {
    const name = unescape(selector.slice(1));
    if (selector[0] === ".") watched.classes.add(name.toLowerCase());
    else if (selector[0] === "#") watched.ids.add(name.toLowerCase());
    else if (selector[0] === "[" && name.endsWith("]")) watched.attributes.add(name.slice(0, -1));
  }
  return watched;
}

/**
 * Tells of marks that come late. rrweb keeps the change that blocks an element to itself, but goes on telling of what
 * is deep inside; a server that never learns of the mark keeps it. So changes of the classes, ids and attributes that
 * the policy depends on are told here, before the next event: `before` is to be called ahead of each event of rrweb's.
 */
export class Watch implements Follower {
  private readonly observer: MutationObserver;
  private watched: Watched = watchedOf([]);
  private readonly roots = new Set<Node>();

  constructor(
    private readonly mirror: Mirror,
    private readonly tell: (event: eventWithTime) => void,
    Observer: typeof MutationObserver,
  ) {
    this.observer = new Observer((records) => this.report(records));
  }

  /** From now on watches what these selectors name, everywhere it watches already. */
  watch(selectors: readonly string[]): void {
    this.before();
    this.watched = watchedOf(selectors);
    const roots = [...this.roots];
    this.reset();
    for (const root of roots) this.enter(root);
  }

  /** An event is about to be told: first what changed before it. */
  before(): void {
    this.report(this.observer.takeRecords());
  }

  /** A full snapshot is about to be told: it has all that changed before it. */
  skip(): void {
    this.observer.takeRecords();
  }

  reset(): void {
    this.observer.disconnect();
    this.roots.clear();
  }

  enter(root: Node): void {
    if (this.roots.has(root)) return;
    this.roots.add(root);
    const names = [...this.watched.attributes].flatMap((name) => [name, name.toLowerCase()]);
    if (this.watched.classes.size > 0) names.push("class");
    if (this.watched.ids.size > 0) names.push("id");
    if (names.length === 0) return;
    this.observer.observe(root, {
      attributes: true,
      attributeOldValue: true,
      attributeFilter: [...new Set(names)],
      subtree: true,
    });
  }

  private report(records: readonly MutationRecord[]): void {
    if (records.length === 0) return;
    // The first record of an attribute has the value that was there before them all.
    const seen = new Map<Node, Map<string, string | null>>();
    for (const { target, attributeName, oldValue } of records) {
      const before = seen.get(target) ?? new Map<string, string | null>();
      seen.set(target, before);
      if (attributeName !== null && !before.has(attributeName)) before.set(attributeName, oldValue);
    }
    const attributes = [];
    for (const [target, before] of seen) {
      const id = this.mirror.getId(target);
      if (id < 1) continue;
      const changed: Record<string, string | null> = {};
      for (const [name, old] of before) {
        const now = (target as Element).getAttribute(name);
        if (this.matters(name, old, now)) changed[name] = now;
      }
      if (Object.keys(changed).length > 0) attributes.push({ id, attributes: changed });
    }
    if (attributes.length === 0) return;
    this.tell({
      type: EventType.IncrementalSnapshot,
      timestamp: Date.now(),
      data: { source: IncrementalSource.Mutation, texts: [], attributes, removes: [], adds: [] },
    });
  }

  private matters(name: string, old: string | null, now: string | null): boolean {
    if (name === "class" && !this.watched.attributes.has("class")) {
      const [was, is] = [tokens(old), tokens(now)];
      return [...this.watched.classes].some((each) => was.has(each) !== is.has(each));
    }
    if (name === "id" && !this.watched.attributes.has("id")) {
      return [old, now].some((value) => value !== null && this.watched.ids.has(value.toLowerCase())) && old !== now;
    }
    return old !== now;
  }
}

function tokens(text: string | null): Set<string> {
  return new Set((text ?? "").toLowerCase().split(/[\t\n\f\r ]/));
}

/** Takes CSS escapes out of an identifier as the gateway writes them: `\3a ` or a backslash and the character. */
function unescape(name: string): string {
  return name.replace(/\\(?:([0-9a-f]{1,6}) ?|(.))/gi, (_, code: string | undefined, sign: string) =>
    code === undefined ? sign : String.fromCodePoint(parseInt(code, 16)),
  );
}
