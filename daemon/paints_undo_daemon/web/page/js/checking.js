// What a file says of how it was made: chosen, looked at by the daemon, told.

import { make } from "./elements.js";
import { say } from "./words.js";

const SIDECAR = ".c2pa";

export class Checking {
  constructor(details, service, report) {
    this.said = details.querySelector("#checked");
    this.service = service;
    const input = details.querySelector("input");
    input.addEventListener("change", () => report(() => this.#check(input)));
  }

  async #check(input) {
    const files = [...input.files];
    input.value = "";
    const sidecar = files.find(({ name }) => name.endsWith(SIDECAR));
    const file = files.find((one) => one !== sidecar);
    if (!file) return;
    this.said.textContent = say("checking", { name: file.name });
    try {
      const { verdict, findings = [] } = await this.service.verify(file, sidecar);
      this.said.replaceChildren(
        make("p", {}, `${file.name}: ${say(verdict)}`),
        make("ul", {}, ...findings.map(({ sentence }) => make("li", {}, sentence))),
      );
    } catch (error) {
      this.said.textContent = "";
      throw error;
    }
  }
}
