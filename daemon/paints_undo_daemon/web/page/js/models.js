// The models that an engine lacks: their facts, and their download.

import { make } from "./elements.js";
import { sayBytes, say } from "./words.js";

export class Models {
  /** `onChange()` is called when a model has come. */
  constructor(details, service, report, onChange) {
    this.details = details;
    this.service = service;
    this.report = report;
    this.onChange = onChange;
  }

  /** List the models where an engine lacks some. */
  async show(info) {
    if (!info.engines.some(({ state }) => state === "ENGINE_STATE_NO_MODELS")) return;
    const { models = [] } = await this.service.models();
    this.details.hidden = false;
    this.details.querySelector("ul").replaceChildren(...models.map((model) => this.#item(model)));
  }

  /** A model's facts, and a button that downloads it, or stops that; what has arrived is kept. */
  #item({ modelId: name, totalBytes = 0, state, licence, use, message }) {
    const facts = [name, sayBytes(Number(totalBytes)), licence, use, message].filter(Boolean);
    const said = make("span", { role: "status" }, facts.join(" · "));
    const bar = make("progress", { max: 1, hidden: true, "aria-label": name });
    const button = make("button", { type: "button", disabled: state === "MODEL_STATE_READY" }, say("download"));
    button.addEventListener("click", () => this.report(() => (
      bar.hidden ? this.#download(name, said, bar, button) : this.service.cancelModelDownload(name)
    )));
    return make("li", { className: "row" }, said, button, bar);
  }

  async #download(name, said, bar, button) {
    bar.hidden = false;
    bar.value = 0;
    button.textContent = say("cancel");
    try {
      for await (const { doneBytes = 0, totalBytes = 0 } of this.service.downloadModel(name, new AbortController().signal)) {
        said.textContent = say("downloading", { name, done: sayBytes(Number(doneBytes)), total: sayBytes(Number(totalBytes)) });
        bar.value = Number(doneBytes) / (Number(totalBytes) || 1);
      }
      button.disabled = true;
    } catch (error) {
      if (error.code !== "aborted") throw error;
      said.textContent = `${name} · ${say("cancelled")}`;
    } finally {
      bar.hidden = true;
      button.textContent = say("download");
    }
    await this.onChange();
  }
}
