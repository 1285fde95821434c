/** The script of the gateway's page `/check`. */
import { gatewayWords, pageWords } from "./check_words";
import { askForConfig } from "./config";
import { endpointOf } from "./endpoint";

const field = (id: string): HTMLInputElement => document.getElementById(id) as HTMLInputElement;
const nothing = { get: () => null, set: () => undefined, remove: () => undefined };

document.querySelector("form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const key = field("key").value.trim();
  const words = pageWords(field("facts").value);
  const { globalPrivacyControl } = navigator as Navigator & { globalPrivacyControl?: boolean };
  if (globalPrivacyControl) words.push("Global Privacy Control is switched on in this browser.");
  if (key === "") return show(words.length > 0 ? words : ["Give a write key."]);
  // This page lies at the gateway, beside `v1`.
  const source = { endpoint: endpointOf(undefined, location.href, location.href), key, fetch: fetch.bind(window) };
  void askForConfig({ ...source, storage: nothing }, Date.now).then((answer) => show([...words, ...gatewayWords(key, answer)]));
});

function show(sentences: readonly string[]): void {
  const items = sentences.map((sentence) => {
    const item = document.createElement("li");
    item.textContent = sentence;
    return item;
  });
  document.getElementById("answer")?.replaceChildren(...items);
}
