// One job, followed until it ends: its events, its progress, and whether the page is busy with it.

import { byId } from "./elements.js";
import { bytesOf, kindOf } from "./service.js";
import { guard, tell } from "./status.js";
import { say, sayTime } from "./words.js";

const STATES = { JOB_STATE_QUEUED: "accepted", JOB_STATE_RUNNING: "started" };

export class Following {
  /** `onEnd(job)` is told of a job that has ended while it was followed, `onBusy(busy)` of when there is work. */
  constructor(service, player, strip, { onEnd, onBusy }) {
    this.service = service;
    this.player = player;
    this.strip = strip;
    this.onEnd = onEnd;
    this.onBusy = onBusy;
    this.job = null;
    byId("cancel").addEventListener("click", () => guard(() => this.job && this.service.cancel(this.job.jobId)));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.watching?.abort();
      else if (this.running) guard(() => this.#watch());
    });
  }

  /** Say that a request is on its way: until it is answered nothing else is asked. */
  expect() {
    this.#busy(true);
    byId("cancel").hidden = true;
    this.doing(say("asking"));
  }

  /** Follow a job from its first event to its last. */
  async follow(job) {
    this.job = job;
    this.warnings = new Set();
    this.player.clear();
    this.doing(job.state in STATES ? say(STATES[job.state]) : "");
    await this.#watch();
  }

  /** Leave the job that is followed, which goes on. */
  leave() {
    this.watching?.abort();
    this.#busy(false);
  }

  doing(text, isError = false) {
    byId("doing").textContent = text;
    byId("doing").classList.toggle("error", isError);
  }

  async #watch() {
    this.watching?.abort();
    this.watching = new AbortController();
    const { signal } = this.watching;
    const { job } = this;
    this.#busy(true);
    try {
      for await (const update of this.service.watch(job.jobId, signal)) {
        if (update.broken) this.doing(say("broken"));
        else if (update.progress) this.#progress(update.progress);
        else this.#event(update.event);
      }
      this.#busy(false);
      await this.onEnd(job);
    } catch (error) {
      if (!signal.aborted) {
        this.#busy(false);
        throw error;
      }
    }
  }

  #event(event) {
    const kind = kindOf(event);
    if (kind === "accepted" || kind === "started") this.doing(say(kind));
    if (kind === "tagsStored") byId("tags").value = event.tagsStored.tags ?? "";
    if (kind === "keyframeStored") this.strip.fill(event.keyframeStored.keyframe);
    if (kind === "frameStored") this.player.add(event.frameStored.frame, this.job.frameCount);
    if (kind === "warning") tell([...this.warnings.add(event.warning.message)].join(" "));
    if (kind === "finished") {
      this.doing(say("finished"));
      this.player.replay();
    }
    if (kind === "cancelled" || kind === "failed") this.player.end();
    if (kind === "cancelled") this.doing(say("cancelled"));
    if (kind === "failed") this.doing(say("failed", { reason: event.failed.failure.message }), true);
  }

  #progress(progress) {
    const bar = byId("progress");
    if (progress.queuePosition) {
      this.doing(say("queued", { count: progress.queuePosition }));
      bar.removeAttribute("value");
      return;
    }
    const stage = { tags: say("describe"), keyframes: say("keyframes") }[progress.unit] ?? say("video");
    const left = progress.secondsLeft ? ` · ${say("left", { time: sayTime(progress.secondsLeft) })}` : "";
    this.doing(say("running", { stage, step: progress.step ?? 0, of: progress.of ?? 0 }) + left);
    bar.value = (progress.step ?? 0) / (progress.of || 1);
    if (progress.previewPng) this.#preview(progress.previewPng);
  }

  async #preview(png) {
    const bitmap = await createImageBitmap(new Blob([bytesOf(png)], { type: "image/png" }));
    if (!this.player.frames.length) this.player.showPreview(bitmap, say("preview"));
  }

  #busy(busy) {
    this.running = busy;
    byId("progress").hidden = !busy;
    byId("progress").removeAttribute("value");
    byId("cancel").hidden = !busy;
    this.onBusy();
  }
}
