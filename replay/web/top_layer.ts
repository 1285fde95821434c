import type { Replayer } from "@rrweb/replay";
import type { TopLayerChange } from "./activity";

const FULL_SCREEN: readonly [string, string][] = [
  ["position", "fixed"],
  ["inset", "0"],
  ["width", "100%"],
  ["height", "100%"],
  ["max-width", "none"],
  ["max-height", "none"],
  ["margin", "0"],
  ["z-index", "2147483647"],
  ["background-color", "#000"],
];

/** The changes that hold at `at`: the latest of each element since the snapshot before it. */
export function openAt(
  changes: readonly TopLayerChange[],
  snapshots: readonly number[],
  at: number,
): Map<number, TopLayerChange> {
  const since = snapshots.filter((time) => time <= at).at(-1) ?? -Infinity;
  const open = new Map<number, TopLayerChange>();
  for (const change of changes) {
    if (change.at > at) break;
    if (change.at < since) continue;
    // What opens later lies above.
    open.delete(change.id);
    if (change.open) open.set(change.id, change);
  }
  return open;
}

/** Opens and closes popovers and full screens, which rrweb neither records nor replays. */
export class TopLayer {
  readonly #replayer: Replayer;
  readonly #changes: readonly TopLayerChange[];
  readonly #snapshots: readonly number[];
  readonly #full = new Map<number, HTMLElement>();

  constructor(replayer: Replayer, changes: readonly TopLayerChange[], snapshots: readonly number[]) {
    this.#replayer = replayer;
    this.#changes = changes;
    this.#snapshots = snapshots;
  }

  /** Brings the page, which is as it was at `at`, to what was open then. */
  follow(at: number): void {
    if (this.#changes.length === 0) return;
    const open = openAt(this.#changes, this.#snapshots, at);
    const seen = new Set<Node>();
    for (const { id, kind } of open.values()) {
      const element = this.#replayer.getMirror().getNode(id) as HTMLElement | null;
      if (element === null || !element.isConnected) continue;
      seen.add(element);
      if (kind === "popover") raise(element);
      if (kind === "fullscreen") {
        for (const [name, value] of FULL_SCREEN) element.style.setProperty(name, value, "important");
        this.#full.set(id, element);
      }
    }
    for (const { id } of this.#changes) {
      const element = this.#replayer.getMirror().getNode(id) as HTMLElement | null;
      if (element !== null && !seen.has(element)) lower(element);
    }
    for (const [id, element] of this.#full) {
      if (seen.has(element)) continue;
      for (const [name] of FULL_SCREEN) element.style.removeProperty(name);
      this.#full.delete(id);
    }
  }
}

function isOpen(element: HTMLElement): boolean {
  return element.matches(":popover-open");
}

function raise(element: HTMLElement): void {
  try {
    // A popover of the kind `auto` would close the others; what was open is known.
    if (element.popover === "auto" || element.popover === "hint") element.popover = "manual";
    if (element.popover !== null && !isOpen(element)) element.showPopover();
  } catch {
    // It is no popover any more: there is nothing to show.
  }
}

function lower(element: HTMLElement): void {
  if (typeof element.hidePopover === "function" && element.popover !== null && isOpen(element)) element.hidePopover();
}
