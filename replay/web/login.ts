import { ApiError, explain } from "./api";
import { byId, status } from "./dom";

/** Where to go after the login: a path of this very site, whatever the address bar was given. */
function destination(): string {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  const url = new URL(next, location.origin);
  return url.origin === location.origin ? url.pathname : "/";
}

async function logIn(token: string): Promise<void> {
  const response = await fetch("/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  }).catch(() => {
    throw new ApiError(0);
  });
  if (!response.ok) throw new ApiError(response.status);
  location.replace(destination());
}

byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = byId("token") as HTMLInputElement;
  status(null);
  logIn(token.value.trim()).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    status(error.status === 401 ? "No project has this token." : explain(error.status));
    token.select();
  });
});
