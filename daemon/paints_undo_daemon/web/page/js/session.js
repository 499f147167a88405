// Signing in: the link's code, which stands in its fragment, becomes a session. It lives in this tab's origin alone.

const KEY = "paints-undo-session";

/** The session, from the link or from an earlier visit; null without one. */
export async function openSession() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code) {
    history.replaceState(null, "", location.pathname);
    const response = await fetch("/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code }),
    });
    if (response.ok) localStorage.setItem(KEY, (await response.json()).session);
  }
  return localStorage.getItem(KEY);
}

export function forgetSession() {
  localStorage.removeItem(KEY);
}
