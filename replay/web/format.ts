import type { Recording } from "./recording";

const NUMBER = new Intl.NumberFormat("en");
const REGION = new Intl.DisplayNames("en", { type: "region", fallback: "code" });

/** `1:02:03`, or `4:05` below an hour. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** Bytes in the largest unit that leaves a number of at least 1. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1_000_000) return `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)} kB`;
  return `${(count / 1_000_000).toFixed(count < 10_000_000 ? 1 : 0)} MB`;
}

/** `3 clicks`, `1 click`. */
export function counted(count: number, noun: string): string {
  return `${NUMBER.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export function moment(rfc3339: string): string {
  return new Date(rfc3339).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`; `now` is epoch ms. */
export function ago(rfc3339: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(rfc3339)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 60 / 24)} d ago`;
}

/** City, region, country, as far as they are known. */
export function place({ city, region, country }: Pick<Recording, "city" | "region" | "country">): string {
  const named = /^[A-Z]{2}$/.test(country) ? (REGION.of(country) ?? country) : country;
  return [city, region, named].filter(Boolean).join(", ") || "unknown place";
}

/** Browser, system and device, as far as they are known. */
export function client({ browser, os, device }: Pick<Recording, "browser" | "os" | "device">): string {
  return [browser, os, device].filter(Boolean).join(" · ") || "unknown browser";
}

/** An address without its scheme, as a person names it. */
export function address(url: string): string {
  return url.replace(/^https?:\/\//, "") || "unknown page";
}
