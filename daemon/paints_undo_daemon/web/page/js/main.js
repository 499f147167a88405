// Where the page begins: its language, its session, and then the page itself.

import { Connect } from "./connect.js";
import { byId } from "./elements.js";
import { Page } from "./page.js";
import { Service } from "./service.js";
import { openSession } from "./session.js";
import { guard, tell } from "./status.js";
import { chooseLanguage, currentLanguage, LANGUAGES, say } from "./words.js";

function sayAll() {
  document.documentElement.lang = currentLanguage();
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
}

function offerLanguages(choice) {
  const options = Object.entries(LANGUAGES).map(([tag, name]) => new Option(name, tag, false, tag === currentLanguage()));
  choice.replaceChildren(...options);
  choice.addEventListener("change", () => {
    chooseLanguage(choice.value);
    location.reload();
  });
}

async function main() {
  offerLanguages(byId("language"));
  sayAll();
  const session = await openSession();
  if (session) await guard(() => new Page(new Service(new Connect(session))).begin());
  else tell(say("signedOut"), true);
}

main();
