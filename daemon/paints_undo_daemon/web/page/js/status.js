// The line at the top of the page: what it is busy with, and what went wrong.

import { CallError } from "./connect.js";
import { byId } from "./elements.js";
import { forgetSession } from "./session.js";
import { say } from "./words.js";

export function tell(text, isError = false) {
  const status = byId("status");
  status.textContent = text;
  status.classList.toggle("error", isError);
}

/** Do some work; what goes wrong is told in a sentence. */
export async function guard(work) {
  try {
    return await work();
  } catch (error) {
    if (error.code === "unauthenticated") {
      forgetSession();
      tell(say("signedOut"), true);
    } else {
      tell(error.message, true);
      if (!(error instanceof CallError)) throw error;
    }
    return undefined;
  }
}
