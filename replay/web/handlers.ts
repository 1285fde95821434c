export type Handler = (payload?: unknown) => void;

/** Who wants to be told of what. */
export class Handlers {
  readonly #handlers = new Map<string, Set<Handler>>();

  on(name: string, handler: Handler): void {
    this.#handlers.set(name, (this.#handlers.get(name) ?? new Set()).add(handler));
  }

  off(name: string, handler: Handler): void {
    this.#handlers.get(name)?.delete(handler);
  }

  emit(name: string, payload?: unknown): void {
    for (const handler of this.#handlers.get(name) ?? []) handler(payload);
  }
}
