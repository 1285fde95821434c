import { Sender, type Outlet, type SenderOptions } from "./sender";
import type { KeyValue } from "./storage";
import { Trigger } from "./trigger";
import { Unsent } from "./unsent";

export interface OutletOptions extends Omit<SenderOptions, "unsent"> {
  /** Whether what a page cannot send before it is left may lie in the browser until the next one. */
  readonly keep: boolean;
  /** What has to happen before anything is sent; see `Trigger`. Absent where everything is sent. */
  readonly trigger?: string | undefined;
  readonly storage: KeyValue;
}

/** The way from the recorder to the gateway, as this page wants it. */
export function openOutlet(options: OutletOptions): Outlet {
  const unsent = options.keep ? new Unsent() : undefined;
  const sender = new Sender({ ...options, unsent });
  return options.trigger === undefined
    ? sender
    : new Trigger(options.trigger, sender, options.storage, options.onSnapshotNeeded);
}
