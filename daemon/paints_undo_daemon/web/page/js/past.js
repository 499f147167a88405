// Earlier results, newest first.

import { make, showOnce } from "./elements.js";
import { say } from "./words.js";

const KEPT_PICTURES = 100;

export class Past {
  constructor(section, service, words, actions) {
    this.list = section.querySelector("ul");
    this.more = section.querySelector("button");
    this.service = service;
    this.words = words;
    this.actions = actions;
    this.pictures = new Map();
    this.more.addEventListener("click", () => this.#page());
  }

  /** Show the newest results; of several calls at a time the last one counts. */
  async refresh() {
    this.token = "";
    const turn = this.turn = Symbol("refresh");
    const page = await this.service.jobs(this.token);
    if (turn !== this.turn) return;
    this.list.replaceChildren();
    this.#add(page);
    if (!this.list.children.length) this.list.append(make("li", {}, say("noHistory")));
  }

  async #page() {
    const { turn } = this;
    const page = await this.service.jobs(this.token);
    if (turn === this.turn) this.#add(page);
  }

  #add(page) {
    this.token = page.nextPageToken ?? "";
    this.more.hidden = !this.token;
    this.list.append(...(page.jobs ?? []).map((job) => this.#item(job)));
  }

  /** A small picture of a key frame; those that have been shown are not asked for again. */
  #picture(jobId, { index = 0, pictureHash }) {
    const known = this.pictures.get(pictureHash) ?? this.service.small(jobId, index);
    this.pictures.delete(pictureHash);
    this.pictures.set(pictureHash, known);
    known.catch(() => this.pictures.delete(pictureHash));
    if (this.pictures.size > KEPT_PICTURES) this.pictures.delete(this.pictures.keys().next().value);
    return known;
  }

  #item(job) {
    const isOther = job.parameters?.variant || job.parameters?.procedural?.branches?.length;
    const name = job.title || new Date(job.createTime).toLocaleString();
    const title = isOther ? `${name} · ${this.words(job)}` : name;
    const image = make("img", { alt: "", decoding: "async" });
    const last = (job.keyframes ?? []).at(-1);
    if (last) {
      this.#picture(job.jobId, last).then((blob) => showOnce(image, blob), () => {});
    }
    const ended = ["JOB_STATE_FINISHED", "JOB_STATE_CANCELLED", "JOB_STATE_FAILED"].includes(job.state);
    return make(
      "li", {}, image, make("span", {}, title),
      job.failure ? make("span", { className: "error" }, say("failed", { reason: job.failure.message })) : null,
      make("div", { className: "row" },
        make("button", { type: "button", onclick: () => this.actions.open(job.jobId), "aria-label": `${say("open")}: ${title}` }, say("open")),
        make("button", { type: "button", onclick: () => this.actions.repeat(job.jobId), "aria-label": `${say("repeat")}: ${title}` }, say("repeat")),
        ended ? make("button", { type: "button", onclick: () => this.actions.remove(job.jobId), "aria-label": `${say("remove")}: ${title}` }, say("remove")) : null,
      ),
    );
  }
}
