// The key frames: which moments, with which seed or own picture, and what came of them.

import { make } from "./elements.js";
import { say } from "./words.js";

const LAST_STEP = 999;

export class Strip {
  constructor(place, fetchPicture, storePicture) {
    this.place = place;
    this.fetchPicture = fetchPicture;
    this.storePicture = storePicture;
    this.moments = [];
    this.urls = new Set();
  }

  /** Begin anew with an engine's own operation steps. */
  reset(steps) {
    this.moments = steps.map((step) => ({ step, seed: null, own: null, url: null }));
    this.show();
  }

  /** Take over a job's moments and key frames. */
  load(steps, seeds, own) {
    this.moments = steps.map((step) => ({
      step,
      seed: seeds.find((entry) => (entry.operationStep ?? 0) === step)?.seed ?? null,
      own: own.find((entry) => (entry.operationStep ?? 0) === step)?.pictureHash ?? null,
      url: null,
    }));
    this.show();
  }

  /** Forget what belongs to one painting: its pictures, and the artist's own. */
  forget() {
    this.moments = this.moments.map(({ step, seed }) => ({ step, seed, own: null, url: null }));
    this.show();
  }

  /** What the request says of the key frames. */
  request() {
    const moments = [...this.moments].sort((a, b) => a.step - b.step);
    const unique = moments.filter(({ step }, index) => index === 0 || step !== moments[index - 1].step);
    return {
      operationSteps: unique.map(({ step }) => step),
      seeds: unique.filter(({ seed, own }) => seed !== null && own === null).map(({ step, seed }) => ({ operationStep: step, seed })),
      own: unique.filter(({ own }) => own !== null).map(({ step, own }) => ({ operationStep: step, pictureHash: own })),
    };
  }

  /** A key frame is stored. */
  async fill(keyframe) {
    const moment = this.moments.find(({ step }) => step === keyframe.operationStep);
    if (!moment) return;
    const blob = await this.fetchPicture(keyframe.pictureHash).catch(() => null);
    moment.url = blob && URL.createObjectURL(blob);
    this.show();
  }

  add() {
    const taken = new Set(this.moments.map(({ step }) => step));
    const sorted = [...taken, -1, LAST_STEP + 1].sort((a, b) => a - b);
    let widest = 0;
    for (let index = 1; index < sorted.length; index++) {
      if (sorted[index] - sorted[index - 1] > sorted[widest + 1] - sorted[widest]) widest = index - 1;
    }
    const step = Math.floor((sorted[widest] + sorted[widest + 1]) / 2);
    if (!taken.has(step) && step >= 0 && step <= LAST_STEP) this.moments.push({ step, seed: null, own: null, url: null });
    this.show();
  }

  show() {
    this.moments.sort((a, b) => b.step - a.step);
    this.place.replaceChildren(...this.moments.map((moment) => this.#item(moment)));
    const used = new Set(this.moments.map(({ url }) => url).filter(Boolean));
    for (const url of this.urls) if (!used.has(url)) URL.revokeObjectURL(url);
    this.urls = used;
  }

  #item(moment) {
    const share = Math.round(100 - moment.step / 10);
    const picture = moment.url
      ? make("img", { src: moment.url, alt: say("done", { share }) }) : make("div", { className: "empty" });
    const when = make("input", {
      type: "number", min: "0", max: "100", value: String(share), "aria-label": say("moment"),
      onchange: () => this.#change(moment, { step: Math.min(LAST_STEP, Math.round(1000 - Number(when.value) * 10)), url: null }),
    });
    const file = make("input", {
      type: "file", accept: "image/*", className: "hidden-label",
      onchange: async () => {
        const [chosen] = file.files;
        if (chosen) this.#change(moment, { own: await this.storePicture(chosen), url: URL.createObjectURL(chosen) });
      },
    });
    return make(
      "li", {}, picture, make("label", {}, `${say("done", { share })}`, when),
      make("button", { type: "button", onclick: () => this.#change(moment, { seed: randomSeed(), own: null, url: null }) }, say("newSeed")),
      make("label", { className: "button" }, file, say("ownPicture")),
      make("button", { type: "button", onclick: () => this.#drop(moment) }, say("removeMoment")),
    );
  }

  #change(moment, values) {
    Object.assign(moment, values);
    this.show();
  }

  #drop(moment) {
    this.moments = this.moments.filter((other) => other !== moment);
    this.show();
  }
}

function randomSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}
