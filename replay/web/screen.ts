import { Replayer } from "@rrweb/replay";
import type { eventWithTime } from "@rrweb/types";
import type { TopLayerChange } from "./activity";
import { make } from "./dom";
import type { Handler } from "./handlers";
import { TopLayer } from "./top_layer";

/** What is kept private is drawn hatched, else it would look like an empty part of the page. */
const PRIVATE_STYLE =
  ".rr-block { background: repeating-linear-gradient(45deg, #dfe3db 0 8px, #eceee8 8px 16px) !important; }";
/** A browser shows controls where no script can run. */
const MEDIA_STYLE = "video:not([controls])::-webkit-media-controls { display: none !important; }";

/** The picture of one window at a time. There is one player at most: what a window needs lives as long as it is shown. */
export class Screen {
  replayer: Replayer | null = null;
  window: string | null = null;
  readonly #stage: HTMLElement;
  readonly #handlers: [string, Handler][] = [];
  #host: HTMLElement | null = null;
  #topLayer: TopLayer | null = null;
  #first = 0;
  #opening = 0;
  #size = { width: 0, height: 0 };

  constructor(stage: HTMLElement) {
    this.#stage = stage;
  }

  /** Makes a window's player; the one before stays until `seek` has drawn the first picture. */
  open(id: string, events: eventWithTime[], snapshots: readonly number[], changes: readonly TopLayerChange[]): void {
    const before = this.#host;
    this.#close();
    const host = make("div", "host");
    this.#stage.append(host);
    const replayer = new Replayer(events, {
      root: host,
      mouseTail: { strokeStyle: "#3f6b51" },
      insertStyleRules: [PRIVATE_STYLE, MEDIA_STYLE],
      showWarning: false,
      skipInactive: false,
    });
    replayer.iframe.title = "The recorded page";
    forgiveMedia(replayer.iframe.contentWindow as (Window & typeof globalThis) | null);
    replayer.on("resize", (size) => this.#resized(size as { width: number; height: number }));
    for (const [name, handler] of this.#handlers) replayer.on(name, handler);
    this.#first = replayer.getMetaData().startTime;
    // Before its first picture a window has nothing to show.
    this.#opening = (snapshots[0] ?? this.#first) + 1;
    this.#topLayer = new TopLayer(replayer, changes, snapshots);
    this.replayer = replayer;
    this.window = id;
    this.#host = host;
    before?.remove();
  }

  /** Shows the window as it was at `at` (epoch ms) and goes on from there if `playing`. */
  seek(at: number, playing: boolean): void {
    const offset = Math.max(at, this.#opening) - this.#first;
    if (playing) this.replayer?.play(offset);
    else this.replayer?.pause(offset);
    this.follow(at);
  }

  stop(): void {
    this.replayer?.pause();
  }

  speed(factor: number): void {
    this.replayer?.setConfig({ speed: factor });
  }

  /** Brings what rrweb does not replay to the state of `at`. */
  follow(at: number): void {
    this.#topLayer?.follow(Math.max(at, this.#opening));
  }

  /** Calls `handler` on an event of whichever player is shown. */
  on(name: string, handler: Handler): void {
    this.#handlers.push([name, handler]);
    this.replayer?.on(name, handler);
  }

  /** Makes the picture as large as the stage allows, never larger than the page was. */
  fit(): void {
    const { width, height } = this.#size;
    const wrapper = this.#host?.querySelector<HTMLElement>(".replayer-wrapper");
    if (!wrapper || width === 0 || height === 0) return;
    const scale = Math.min(this.#stage.clientWidth / width, this.#stage.clientHeight / height, 1);
    wrapper.style.transform = `scale(${scale}) translate(-50%, -50%)`;
  }

  #resized(size: { width: number; height: number }): void {
    this.#size = size;
    this.fit();
  }

  #close(): void {
    this.replayer?.destroy();
    this.replayer = null;
    this.window = null;
  }
}

/** Going elsewhere stops media that are about to play, which is no error: rrweb leaves the promise unheard. */
function forgiveMedia(view: (Window & typeof globalThis) | null): void {
  const media = view?.HTMLMediaElement.prototype;
  if (!media) return;
  const { play } = media;
  media.play = function (this: HTMLMediaElement) {
    const playing = play.call(this);
    playing.catch(() => {});
    return playing;
  };
}
