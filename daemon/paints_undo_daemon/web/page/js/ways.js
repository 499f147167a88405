// The processes of one painting, as a tree: its variants, and below each the branches off it. All show the same moment.

import { make } from "./elements.js";
import { say } from "./words.js";

const SHOWN = 24;
const LOOK_AGAIN_MS = 1500;
const LAST_STAGE = "STAGE_INTERPOLATION";
const WAITING = new Set(["JOB_STATE_QUEUED", "JOB_STATE_RUNNING"]);

export class Ways {
  constructor(section, service, nameOf, open, onChange) {
    this.section = section;
    this.list = section.querySelector("ul");
    this.service = service;
    this.nameOf = nameOf;
    this.open = open;
    this.onChange = onChange;
    this.jobs = [];
    this.step = 0;
    this.urls = new Map();
  }

  /** Show the processes of a job's painting, and look again while some of them are not finished. */
  async show(job) {
    clearTimeout(this.timer);
    if (job?.paintingHash !== this.current?.paintingHash) this.#forgetPictures();
    this.current = job;
    if (!job) {
      this.section.hidden = true;
      this.jobs = [];
      this.onChange();
      return;
    }
    const { jobs = [] } = await this.service.jobsOf(job.paintingHash, SHOWN);
    if (this.current !== job) return;
    this.jobs = jobs.filter(({ parameters }) => parameters?.stopAfter === LAST_STAGE);
    this.section.hidden = this.jobs.length < 2;
    this.#draw();
    this.onChange();
    const waits = this.jobs.some(({ state }) => WAITING.has(state));
    if (waits && !document.hidden) this.timer = setTimeout(() => this.show(job).catch(() => {}), LOOK_AGAIN_MS);
  }

  /** Show all processes at an operation step. */
  at(step) {
    this.step = step;
    for (const image of this.list.querySelectorAll("img")) this.#picture(image);
  }

  /** Finished processes beside the one that is shown, at most seven. */
  get others() {
    const finished = this.jobs.filter(({ jobId, state }) => jobId !== this.current?.jobId && state === "JOB_STATE_FINISHED");
    return finished.sort((a, b) => branchesOf(a) - branchesOf(b) || variantOf(a) - variantOf(b)).slice(0, 7);
  }

  /** What makes a process another one than the others, and how far it is. */
  words(job) {
    const branch = job.parameters.procedural?.branches?.at(-1);
    const name = branch
      ? say("branch", { share: Math.round(100 - branch.operationStep / 10), name: this.nameOf(job, branch.candidate) })
      : say("variant", { number: variantOf(job) + 1 });
    if (!WAITING.has(job.state)) return name;
    return `${name} · ${Math.round(((job.framesStored ?? 0) / job.frameCount) * 100)} %`;
  }

  #forgetPictures() {
    for (const url of this.urls.values()) url.then((known) => URL.revokeObjectURL(known), () => {});
    this.urls.clear();
  }

  #draw() {
    const known = new Set(this.jobs.map(({ jobId }) => jobId));
    const roots = this.jobs.filter(({ baseJobId }) => !known.has(baseJobId));
    const items = [...roots].sort((a, b) => variantOf(a) - variantOf(b)).map((job) => this.#item(job));
    const focused = document.activeElement?.dataset.job;
    this.list.replaceChildren(...items);
    if (focused) this.list.querySelector(`[data-job="${CSS.escape(focused)}"]`)?.focus();
  }

  #item(job) {
    const image = make("img", { alt: "" });
    image.job = job;
    this.#picture(image);
    const button = make("button", { type: "button", onclick: () => this.open(job.jobId) }, image, make("span", {}, this.words(job)));
    button.dataset.job = job.jobId;
    if (job.jobId === this.current.jobId) button.setAttribute("aria-current", "true");
    const below = this.jobs.filter(({ baseJobId }) => baseJobId === job.jobId).reverse();
    return make("li", {}, button, below.length ? make("ul", {}, ...below.map((one) => this.#item(one))) : null);
  }

  async #picture(image) {
    const { jobId, keyframes = [] } = image.job;
    if (!keyframes.length) return;
    const away = (frame) => Math.abs((frame.operationStep ?? 0) - this.step);
    const nearest = keyframes.reduce((one, other) => (away(other) < away(one) ? other : one));
    if (image.hash === nearest.pictureHash) return;
    image.hash = nearest.pictureHash;
    const url = this.urls.get(image.hash) ?? this.service.small(jobId, nearest.index ?? 0).then((blob) => URL.createObjectURL(blob));
    this.urls.set(image.hash, url);
    try {
      const source = await url;
      if (image.hash === nearest.pictureHash) image.src = source;
    } catch {
      this.urls.delete(nearest.pictureHash);
    }
  }
}

function branchesOf(job) {
  return job.parameters.procedural?.branches?.length ?? 0;
}

function variantOf(job) {
  return job.parameters.variant ?? 0;
}
