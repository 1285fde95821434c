import { byId } from "./dom";

/** Makes the button end the login, on the server too: a copy of the cookie must be worth nothing afterwards. */
export function offerLogout(): void {
  byId("logout").addEventListener("click", () => {
    const leave = () => location.replace("/login");
    // Without an answer the login page is still the right place; the cookie ends by itself then.
    fetch("/logout", { method: "POST" }).then(leave, leave);
  });
}
