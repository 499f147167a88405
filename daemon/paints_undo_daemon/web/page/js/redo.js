// Going on from a moment another way: candidates as pictures, one of which is chosen.

import { make, showOnce } from "./elements.js";
import { sleep } from "./connect.js";
import { say } from "./words.js";

const CANDIDATES = 4;
const LOOK_AGAIN_MS = 400;
const ENDED = new Set(["JOB_STATE_FINISHED", "JOB_STATE_CANCELLED", "JOB_STATE_FAILED"]);

export class Redo {
  constructor(section, service, choose, nameOf, report) {
    this.section = section;
    this.list = section.querySelector("ol");
    this.service = service;
    this.choose = choose;
    this.nameOf = nameOf;
    this.made = [];
    section.querySelector("#drop-candidates").addEventListener("click", () => this.close());
    const mask = section.querySelector("#mask");
    mask.addEventListener("change", () => report(() => this.#within(mask)));
  }

  /** Offer the ends that a process can go on to from an operation step, 1 to 999; each is shown when it is made. */
  async offer(job, step, maskHash = "") {
    await this.close();
    this.section.hidden = false;
    this.from = { job, step };
    const offered = this.asked = new AbortController();
    for (let number = 1; number <= CANDIDATES; number++) {
      const card = make("li", {}, make("div", { className: "empty" }), this.nameOf(job, number));
      this.list.append(card);
      const end = await this.service.createJob(endOnly(job, step, number, maskHash));
      this.made.push(end.jobId);
      this.#fill(card, end.jobId, () => this.#chosen(job, step, number, maskHash), offered.signal).catch((error) => {
        if (!offered.signal.aborted) card.append(make("p", { className: "error" }, error.message));
      });
    }
    this.section.scrollIntoView({ block: "nearest" });
  }

  async #fill(card, jobId, choose, signal) {
    let job = await this.service.job(jobId);
    while (!ENDED.has(job.state)) {
      await sleep(LOOK_AGAIN_MS, signal);
      job = await this.service.job(jobId);
    }
    if (job.state !== "JOB_STATE_FINISHED") throw new Error(job.failure?.message ?? say("cancelled"));
    const blob = await this.service.small(jobId, job.keyframes.length - 1);
    const image = make("img", { alt: "" });
    showOnce(image, blob);
    card.replaceChildren(make("button", { type: "button", onclick: choose }, image, make("span", {}, card.textContent)));
  }

  /** Offer the same again, but new only where a mask is light; without a file everywhere. */
  async #within(input) {
    const { job, step } = this.from;
    const [file] = input.files;
    input.value = "";
    await this.close();  // the mask goes with the last job that has it
    await this.offer(job, step, file ? await this.service.store(file) : "");
  }

  async #chosen(job, step, number, maskHash) {
    for (const button of this.list.querySelectorAll("button")) button.disabled = true;
    await this.choose(branchOf(job, step, number, maskHash));  // which closes: a mask goes with the last job that has it
  }

  /** Forget the candidates, and their jobs. */
  async close() {
    this.asked?.abort();
    this.section.hidden = true;
    for (const image of this.list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.list.replaceChildren();
    const made = this.made.splice(0);
    for (const jobId of made) {
      await this.service.cancel(jobId).catch(() => {});
      await this.service.remove(jobId).catch(() => {});
    }
  }
}

/** The request of a process that leaves another one at an operation step. */
function branchOf(job, step, candidate, maskHash) {
  const parameters = structuredClone(job.parameters);
  parameters.procedural ??= {};
  parameters.procedural.branches = [...(parameters.procedural.branches ?? []), { operationStep: step, candidate, maskHash }];
  return { paintingHash: job.paintingHash, parameters, title: job.title ?? "", baseJobId: job.jobId };
}

/** The same, but no more than the state at the step and the end. */
function endOnly(job, step, candidate, maskHash) {
  const request = branchOf(job, step, candidate, maskHash);
  request.parameters.stopAfter = "STAGE_KEYFRAMES";
  Object.assign(request.parameters.keyframes, { operationSteps: [step], seeds: [], own: [] });
  return request;
}
