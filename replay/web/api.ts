/** Why there is no answer: the service's status, or 0 when it could not be reached. */
export class ApiError extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

/** GET `path`. Without a valid login the browser goes to the login page and comes back afterwards. */
export async function get(path: string, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(path, signal ? { signal } : {}).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0);
  });
  if (response.status === 401) {
    location.replace(`/login?next=${encodeURIComponent(location.pathname)}`);
  }
  if (!response.ok) throw new ApiError(response.status);
  return response;
}

/** One sentence for a person, by status. */
export function explain(status: number): string {
  switch (status) {
    case 0:
      return "The replay service cannot be reached. It is tried again by itself or when you reload.";
    case 401:
      return "You are not logged in.";
    case 404:
      return "There is no such recording in this project, or it has expired.";
    case 410:
      return "This recording was erased.";
    case 503:
      return "The store of recordings cannot be reached just now. Try again in a moment.";
    default:
      return `The replay service answered with an error (${status}).`;
  }
}

/** The values of a stream of JSON lines, each as soon as its line is complete. `count` is told of characters read. */
export async function* jsonLines<T>(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  count: (characters: number) => void = () => {},
): AsyncGenerator<T> {
  // Pieces of a line are joined once: a snapshot of many megabytes is a single line.
  let pieces: string[] = [];
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    count(value.length);
    const [first = "", ...later] = value.split("\n");
    pieces.push(first);
    for (const piece of later) {
      const line = pieces.join("");
      if (line !== "") yield JSON.parse(line) as T;
      pieces = [piece];
    }
  }
  const last = pieces.join("");
  if (last !== "") yield JSON.parse(last) as T;
}
