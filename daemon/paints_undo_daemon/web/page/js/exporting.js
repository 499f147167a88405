// Saving a result as a file: formats and options as the daemon has them, and the file's signature where it has one of its own.

import { make, save } from "./elements.js";
import { Controls, formatName, words } from "./parameters.js";
import { say, sayBytes, sayTime } from "./words.js";

const ENDED = new Set(["JOB_STATE_FINISHED", "JOB_STATE_CANCELLED", "JOB_STATE_FAILED"]);

export class Exporting {
  constructor(form, service, report) {
    this.form = form;
    this.service = service;
    this.controls = new Controls({ omit_layers: () => this.#layerNames() });
    this.format = form.querySelector("#format");
    this.preset = form.querySelector("#preset");
    this.options = form.querySelector("#export-options");
    this.besides = form.querySelector("#beside-label");
    this.said = form.querySelector("#export-said");
    this.told = form.querySelector("#export-told");
    this.bar = form.querySelector("progress");
    this.preset.addEventListener("change", () => this.#takePreset());
    form.addEventListener("change", () => this.#tell());
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

  /** Offer to save a job's result. `others()` are jobs that may stand beside it. */
  offer(job, others) {
    if (job.jobId !== this.job?.jobId) this.said.replaceChildren();
    const changed = job.jobId !== this.job?.jobId || job.state !== this.job?.state;
    this.job = job;
    if (changed && this.parameters) this.#showOptions();
    this.others = others;
    const { state, framesStored, keyframes = [] } = job;
    this.form.hidden = state === "JOB_STATE_FAILED" && !framesStored && !keyframes.length;
    if (changed) this.#tell();
  }

  /** What can be left out; nothing of a process that has not ended, or whose engine makes no layers. */
  #layerNames() {
    return this.service.layerNames(this.job.jobId).catch(() => []);
  }

  /** Say what the file will be: of a process that has come to its end, and stands alone. What is refused cannot be saved. */
  async #tell() {
    const asked = this.asked = {};
    const { jobId, state } = this.job;
    const options = this.#options();
    const isTold = ENDED.has(state) && !this.#isBeside;
    const told = isTold ? await this.service.estimateExport(jobId, options).catch((error) => ({ refused: error.message })) : null;
    if (asked !== this.asked) return;
    this.form.querySelector("button").disabled = Boolean(told?.refused);
    if (told?.refused) {
      this.told.textContent = told.refused;
      return;
    }
    const { width, height, seconds = 0, sizeBytes, leastBytes, mostBytes } = told ?? {};
    const [size, least, most] = [sizeBytes, leastBytes, mostBytes].map((count) => sayBytes(Number(count ?? 0)));
    const values = { width, height, time: sayTime(seconds), size, least, most };
    this.told.textContent = told ? say(seconds ? "filmTold" : "exportTold", values) : "";
  }

  /** What is asked for; a curve takes the place of a pace. */
  #options() {
    const options = this.controls.fill({ format: this.format.value });
    if (options.paceCurve) delete options.pace;
    return options;
  }

  get #isBeside() {
    return !this.besides.hidden && this.besides.querySelector("input").checked;
  }

  /** Whether there are other processes that can be saved beside it. */
  offerBeside(can) {
    this.besides.hidden = !can;
  }

  async #save() {
    this.bar.hidden = false;
    this.bar.value = 0;
    try {
      const others = this.#isBeside ? this.others().map(({ jobId }) => jobId) : [];
      const [{ name, blob, encoder }, ...sidecars] = await this.service.export(this.job.jobId, this.#options(), others, (share) => { this.bar.value = share; });
      save(blob, name);
      this.said.replaceChildren(say("saved", { name: encoder ? `${name} (${encoder})` : name }), ...sidecars.flatMap((file) => [
        ` ${say("sidecar")} `, make("a", { href: URL.createObjectURL(file.blob), download: file.name }, file.name),
      ]));
    } finally {
      this.bar.hidden = true;
    }
  }
}
