// Saving a result as a file: formats and options as the daemon has them, and the file's signature where it has one of its own.

import { make, save } from "./elements.js";
import { Controls, formatName, words } from "./parameters.js";
import { say } from "./words.js";

export class Exporting {
  constructor(form, service, report) {
    this.form = form;
    this.service = service;
    this.controls = new Controls();
    this.format = form.querySelector("#format");
    this.preset = form.querySelector("#preset");
    this.options = form.querySelector("#export-options");
    this.besides = form.querySelector("#beside-label");
    this.said = form.querySelector("#export-said");
    this.bar = form.querySelector("progress");
    this.preset.addEventListener("change", () => this.#takePreset());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      report(() => this.#save());
    });
  }

  /** Take over what the daemon says of exports. */
  show({ exportParameters, exportPresets = [] }) {
    this.parameters = exportParameters;
    this.presets = exportPresets;
    const { choices, enumNames } = exportParameters.find(({ name }) => name === "format");
    this.format.replaceChildren(...choices.map((choice, index) => new Option(formatName(choice), enumNames[index])));
    const offered = exportPresets.map(({ name, summary }) => {
      const option = new Option(words(name), name);
      option.title = summary;
      return option;
    });
    this.preset.replaceChildren(new Option("–", ""), ...offered);
    this.#showOptions();
  }

  #showOptions() {
    const open = this.options.querySelector("details")?.open ?? false;
    this.options.replaceChildren(...this.controls.groups(this.parameters));
    this.options.querySelector("details").open = open;
  }

  /** Set format and options as the chosen preset says. */
  #takePreset() {
    const preset = this.presets.find(({ name }) => name === this.preset.value);
    if (!preset) return;
    this.format.value = preset.options.format;
    this.controls.load(this.parameters, preset.options);
    this.#showOptions();
  }

  /** Offer to save a job's result, and say how large it will be. `others()` are jobs that may stand beside it. */
  offer(job, others) {
    if (job.jobId !== this.job?.jobId) this.said.replaceChildren();
    this.job = job;
    this.others = others;
    const { paintingWidth: width, paintingHeight: height, state, framesStored, keyframes = [] } = job;
    this.form.hidden = state === "JOB_STATE_FAILED" && !framesStored && !keyframes.length;
    this.form.querySelector("#export-size").textContent = width ? say("exportSize", { width, height }) : "";
  }

  /** Whether there are other processes that can be saved beside it. */
  offerBeside(can) {
    this.besides.hidden = !can;
  }

  async #save() {
    this.bar.hidden = false;
    this.bar.value = 0;
    try {
      const options = this.controls.fill({ format: this.format.value });
      const isBeside = !this.besides.hidden && this.besides.querySelector("input").checked;
      const others = isBeside ? this.others().map(({ jobId }) => jobId) : [];
      const [{ name, blob }, ...sidecars] = await this.service.export(this.job.jobId, options, others, (share) => { this.bar.value = share; });
      save(blob, name);
      this.said.replaceChildren(say("saved", { name }), ...sidecars.flatMap((file) => [
        ` ${say("sidecar")} `, make("a", { href: URL.createObjectURL(file.blob), download: file.name }, file.name),
      ]));
    } finally {
      this.bar.hidden = true;
    }
  }
}
