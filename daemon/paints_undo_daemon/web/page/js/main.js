// The page: a picture, three steps, a result.

import { CallError, Connect } from "./connect.js";
import { Checking } from "./checking.js";
import { byId } from "./elements.js";
import { Course } from "./course.js";
import { Exporting } from "./exporting.js";
import { Models } from "./models.js";
import { EngineSettings } from "./parameters.js";
import { Past } from "./past.js";
import { Player } from "./player.js";
import { Redo } from "./redo.js";
import { bytesOf, kindOf, Service } from "./service.js";
import { forgetSession, openSession } from "./session.js";
import { Strip } from "./strip.js";
import { Ways } from "./ways.js";
import { chooseLanguage, currentLanguage, LANGUAGES, say, sayBytes, sayName, sayTime } from "./words.js";

const STAGES = { tags: "STAGE_TAGS", keyframes: "STAGE_KEYFRAMES", video: "STAGE_INTERPOLATION" };
const NO_TAGS = "STAGE_TAGS";
const VARIANTS = 4;

class Page {
  constructor(service) {
    this.service = service;
    this.painting = null;
    this.jobId = null;
    const fetchPicture = (hash) => this.service.picture(hash);
    this.player = new Player({
      root: byId("player"), canvas: byId("canvas"), scrubber: byId("scrubber"), play: byId("play"),
      compare: byId("compare"), full: byId("full"), moment: byId("moment"),
    }, fetchPicture, (step) => {
      this.ways.at(step);
      byId("redo").disabled = this.running || step < 1 || step > 999;
    });
    this.finishedBeside = 0;
    const nameOf = (job, number) => this.candidateName(job, number);
    this.ways = new Ways(byId("ways"), service, nameOf, (jobId) => this.#guard(() => this.open(jobId)), () => {
      const { length } = this.ways.others;
      this.exporting.offerBeside(length > 0);
      if (length !== this.finishedBeside) this.past.refresh().catch(() => {});
      this.finishedBeside = length;
    });
    this.redo = new Redo(
      byId("candidates"), service, (wanted) => this.#guard(async () => this.follow(await service.createJob(wanted))),
      nameOf, (work) => this.#guard(work),
    );
    new Checking(byId("check"), service, (work) => this.#guard(work));
    new Course(byId("course"), service, (job) => this.ways.words(job), () => [this.job, ...this.ways.others]);
    this.strip = new Strip(byId("strip"), fetchPicture, (file) => this.#guard(() => this.service.store(file)));
    this.exporting = new Exporting(byId("export"), service, (work) => this.#guard(work));
    this.models = new Models(byId("models"), service, (work) => this.#guard(work), async () => {
      this.info = await this.service.info();
      this.parameters.show(this.info);
    });
    this.parameters = new EngineSettings(byId("parameters"), () => this.#engineChanged());
    this.past = new Past(byId("history"), service, (job) => this.ways.words(job), {
      open: (jobId) => this.#guard(() => this.open(jobId)),
      repeat: (jobId) => this.#guard(() => this.repeat(jobId)),
      remove: (jobId) => this.#guard(() => this.remove(jobId)),
    });
    this.#listen();
  }

  async begin() {
    tell(say("starting"));
    this.info = await this.service.info();
    this.parameters.show(this.info);
    this.#engineChanged();
    this.exporting.show(this.info);
    tell("");
    document.querySelector("main").hidden = false;
    await this.past.refresh();
    await this.models.show(this.info);
    const jobId = new URLSearchParams(location.hash.slice(1)).get("job");
    if (jobId) await this.open(jobId);
  }

  /** Take a picture: show it, send it. */
  async take(file) {
    const limit = Number(this.info.limits.maxPictureBytes);
    if (file.size > limit) throw new CallError("invalid_argument", say("tooLarge", { size: sayBytes(limit) }));
    this.watching?.abort();
    this.painting = null;
    this.#busy(false);
    this.#show(null);
    byId("tags").value = "";
    this.strip.forget();
    this.title = file.name ?? "";
    this.#showChosen(file);
    tell(say("sending"));
    this.service.warmUp(this.parameters.chosen.name).catch(() => {});
    this.painting = await this.service.store(file);
    tell("");
    this.#enable();
  }

  /** Show the chosen picture, or its name where the browser cannot read what the daemon can. */
  #showChosen(file) {
    const image = byId("painting"), words = byId("drop-words");
    image.onload = () => { image.hidden = false; words.textContent = say("drop"); };
    image.onerror = () => { image.hidden = true; words.textContent = say("notShown", { name: this.title }); };
    image.src = URL.createObjectURL(file);
    image.alt = this.title;
  }

  /** Run the process up to a stage; what an earlier job of this picture has is taken over where it agrees. */
  async run(stopAfter) {
    this.#doing("");
    const parameters = this.parameters.request();
    parameters.stopAfter = stopAfter;
    parameters.keyframes = { ...parameters.keyframes, ...this.strip.request() };
    const tags = byId("tags").value.trim();
    if (tags && stopAfter !== STAGES.tags) parameters.tags = { ...parameters.tags, text: tags };
    const job = await this.service.createJob({
      paintingHash: this.painting, parameters, title: this.title, baseJobId: this.jobId ?? "",
    });
    await this.follow(job);
  }

  /** Show a job, and follow it until it ends. */
  async open(jobId) {
    const job = await this.service.job(jobId);
    this.painting = job.paintingHash;
    this.title = job.title ?? "";
    this.service.picture(job.paintingHash).then((blob) => job.paintingHash === this.painting && this.#showChosen(blob), () => {});
    this.parameters.load(job.parameters);
    const { operationSteps = [], seeds = [], own = [] } = job.parameters.keyframes ?? {};
    this.strip.load(operationSteps, seeds, own);
    byId("tags").value = job.tags ?? "";
    this.#enable();
    await this.follow(job);
  }

  /** Take over a job's picture and settings, to change them before it runs again. */
  async repeat(jobId) {
    await this.open(jobId);
    byId("do-all").focus();
  }

  async remove(jobId) {
    await this.service.remove(jobId);
    if (jobId === this.jobId) this.#show(null);
    await this.past.refresh();
  }

  /** What a branch's candidate is called: as its engine calls it, else by its number. */
  candidateName(job, number) {
    const { candidates = [] } = this.info.engines.find(({ name }) => name === job.parameters.engine) ?? {};
    const name = candidates[number - 1];
    return name ? sayName(name) : say("candidate", { number });
  }

  /** Make other possible processes of the painting: the variants that there are not yet. */
  async makeVariants() {
    const { variant: own = 0, ...same } = this.job.parameters;
    const known = new Set(this.ways.jobs.filter((job) => isVariant(job, same)).map((job) => job.parameters.variant ?? 0)).add(own);
    for (let variant = 0; variant < VARIANTS; variant++) {
      if (known.has(variant)) continue;
      await this.service.createJob({
        paintingHash: this.job.paintingHash, parameters: { ...same, variant }, title: this.title,
      });
    }
    await this.ways.show(this.job);
  }

  async follow(job) {
    this.job = job;
    this.warnings = new Set();
    tell("");
    this.#show(job.jobId);
    this.player.clear();
    this.#doing(job.state === "JOB_STATE_QUEUED" ? say("accepted") : "");
    this.frameCount = job.frameCount;
    this.#offer();
    this.redo.close();
    const watching = this.#watch();
    this.ways.show(job).catch(() => {});
    await watching;
  }

  async #watch() {
    this.watching?.abort();
    this.watching = new AbortController();
    const { signal } = this.watching;
    const jobId = this.jobId;
    this.#busy(true);
    try {
      for await (const update of this.service.watch(jobId, signal)) {
        if (update.broken) this.#doing(say("broken"));
        else if (update.progress) this.#progress(update.progress);
        else this.#event(update.event);
      }
      this.#busy(false);
      await this.past.refresh();
      if (jobId === this.jobId) {
        this.job = await this.service.job(jobId);
        this.#offer();
        await this.ways.show(this.job);
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#busy(false);
        throw error;
      }
    }
  }

  #event(event) {
    const kind = kindOf(event);
    if (kind === "accepted" || kind === "started") this.#doing(say(kind));
    if (kind === "tagsStored") byId("tags").value = event.tagsStored.tags ?? "";
    if (kind === "keyframeStored") this.strip.fill(event.keyframeStored.keyframe);
    if (kind === "frameStored") this.player.add(event.frameStored.frame, this.frameCount);
    if (kind === "warning") tell([...this.warnings.add(event.warning.message)].join(" "));
    if (kind === "finished") {
      this.#doing(say("finished"));
      this.player.play();
    }
    if (kind === "cancelled") this.#doing(say("cancelled"));
    if (kind === "failed") this.#doing(say("failed", { reason: event.failed.failure.message }), true);
  }

  #progress(progress) {
    const bar = byId("progress");
    if (progress.queuePosition) {
      this.#doing(say("queued", { count: progress.queuePosition }));
      bar.removeAttribute("value");
      return;
    }
    const stage = { tags: say("describe"), keyframes: say("keyframes") }[progress.unit] ?? say("video");
    const left = progress.secondsLeft ? ` · ${say("left", { time: sayTime(progress.secondsLeft) })}` : "";
    this.#doing(say("running", { stage, step: progress.step ?? 0, of: progress.of ?? 0 }) + left);
    bar.value = (progress.step ?? 0) / (progress.of || 1);
    if (progress.previewPng) this.#preview(progress.previewPng);
  }

  async #preview(png) {
    const bitmap = await createImageBitmap(new Blob([bytesOf(png)], { type: "image/png" }));
    if (!this.player.frames.length) this.player.showPreview(bitmap, say("preview"));
  }

  #show(jobId) {
    this.jobId = jobId;
    if (jobId === null) this.ways.show(null);
    history.replaceState(null, "", jobId ? `#job=${jobId}` : location.pathname);
    byId("result").hidden = jobId === null;
    document.querySelector("main").classList.toggle("has-result", jobId !== null);
  }

  /** Offer what the job's engine can do with its result. */
  #offer() {
    this.exporting.offer(this.job, () => this.ways.others);
    const engine = this.info.engines.find(({ name }) => name === this.job.parameters.engine);
    const finished = this.job.state === "JOB_STATE_FINISHED" && this.job.parameters.stopAfter === STAGES.video;
    const isBranch = Boolean(this.job.parameters.procedural?.branches?.length);
    byId("make-variants").hidden = !(finished && engine.hasVariants && !isBranch);
    byId("redo").hidden = !(finished && engine.canRedo);
  }

  #busy(busy) {
    byId("progress").hidden = !busy;
    byId("cancel").hidden = !busy;
    this.running = busy;
    this.#enable();
  }

  #enable() {
    for (const id of ["do-all", "make-tags", "make-keyframes", "make-video"]) {
      byId(id).disabled = this.painting === null || this.running === true;
    }
  }

  #doing(text, isError = false) {
    byId("doing").textContent = text;
    byId("doing").classList.toggle("error", isError);
  }

  #engineChanged() {
    const engine = this.parameters.chosen;
    const stages = engine.stages ?? Object.values(STAGES);
    const reads = stages.includes(NO_TAGS);
    byId("describe-help").textContent = say(reads ? "describeHelp" : "noTags");
    byId("tags").hidden = byId("make-tags").hidden = !reads;
    this.strip.reset(engine.defaultOperationSteps ?? []);
  }

  #listen() {
    const input = byId("file"), drop = byId("drop");
    input.addEventListener("change", () => input.files[0] && this.#guard(() => this.take(input.files[0])));
    drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      const [file] = event.dataTransfer.files;
      if (file) this.#guard(() => this.take(file));
    });
    document.addEventListener("paste", (event) => {
      const [file] = event.clipboardData.files;
      if (file) this.#guard(() => this.take(file));
    });
    byId("example").addEventListener("click", () => this.#guard(async () => {
      const blob = await (await fetch("/examples/fox.png")).blob();
      await this.take(new File([blob], "fox.png", { type: "image/png" }));
    }));
    byId("do-all").addEventListener("click", () => this.#guard(() => this.run(STAGES.video)));
    byId("make-tags").addEventListener("click", () => this.#guard(() => this.run(STAGES.tags)));
    byId("make-keyframes").addEventListener("click", () => this.#guard(() => this.run(STAGES.keyframes)));
    byId("make-video").addEventListener("click", () => this.#guard(() => this.run(STAGES.video)));
    byId("make-variants").addEventListener("click", () => this.#guard(() => this.makeVariants()));
    byId("redo").addEventListener("click", () => this.#guard(() => this.redo.offer(this.job, this.player.step)));
    byId("add-moment").addEventListener("click", () => this.strip.add());
    byId("cancel").addEventListener("click", () => this.#guard(() => this.service.cancel(this.jobId)));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.watching?.abort();
      else if (this.running) this.#guard(() => this.#watch());
    });
  }

  async #guard(work) {
    try {
      return await work();
    } catch (error) {
      if (error.code === "unauthenticated") {
        forgetSession();
        tell(say("signedOut"), true);
      } else {
        tell(error.message, true);
        if (!(error instanceof CallError)) throw error;
      }
      return undefined;
    }
  }
}

/** Whether a job differs from a request in its variant alone. */
function isVariant({ parameters: { variant, ...parameters } }, same) {
  return JSON.stringify(parameters) === JSON.stringify(same);
}

function tell(text, isError = false) {
  const status = byId("status");
  status.textContent = text;
  status.classList.toggle("error", isError);
}

function sayAll() {
  document.documentElement.lang = currentLanguage();
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
}

async function main() {
  const choice = byId("language");
  choice.replaceChildren(...Object.entries(LANGUAGES).map(([tag, name]) => new Option(name, tag, false, tag === currentLanguage())));
  choice.addEventListener("change", () => {
    chooseLanguage(choice.value);
    location.reload();
  });
  sayAll();
  const session = await openSession();
  if (!session) {
    tell(say("signedOut"), true);
    return;
  }
  try {
    await new Page(new Service(new Connect(session))).begin();
  } catch (error) {
    if (error.code === "unauthenticated") forgetSession();
    tell(error.code === "unauthenticated" ? say("signedOut") : error.message, true);
  }
}

main();
