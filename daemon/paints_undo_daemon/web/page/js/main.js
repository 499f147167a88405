// The page: a picture, three steps, a result.

import { CallError, Connect } from "./connect.js";
import { byId, make, save } from "./elements.js";
import { Course } from "./course.js";
import { Controls, EngineSettings, words } from "./parameters.js";
import { Past } from "./past.js";
import { Player } from "./player.js";
import { Redo } from "./redo.js";
import { kindOf, Service } from "./service.js";
import { forgetSession, openSession } from "./session.js";
import { Strip } from "./strip.js";
import { Ways } from "./ways.js";
import { chooseLanguage, currentLanguage, LANGUAGES, say, sayBytes, sayTime } from "./words.js";

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
    this.ways = new Ways(byId("ways"), service, (jobId) => this.#guard(() => this.open(jobId)), () => {
      const { length } = this.ways.others;
      byId("beside-label").hidden = !length;
      if (length !== this.finishedBeside) this.past.refresh().catch(() => {});
      this.finishedBeside = length;
    });
    this.redo = new Redo(byId("candidates"), service, (wanted) => this.#guard(async () => this.follow(await service.createJob(wanted))));
    new Course(byId("course"), service, () => [this.job, ...this.ways.others]);
    this.strip = new Strip(byId("strip"), fetchPicture, (file) => this.#guard(() => this.service.store(file)));
    this.exportControls = new Controls();
    this.parameters = new EngineSettings(byId("parameters"), () => this.#engineChanged());
    this.past = new Past(byId("history"), service, {
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
    this.#showExports();
    tell("");
    document.querySelector("main").hidden = false;
    await this.past.refresh();
    await this.showModels();
    const jobId = new URLSearchParams(location.hash.slice(1)).get("job");
    if (jobId) await this.open(jobId);
  }

  /** Take a picture: show it, send it. */
  async take(file) {
    const limit = Number(this.info.limits.maxPictureBytes);
    if (file.size > limit) throw new CallError("invalid_argument", say("tooLarge", { size: sayBytes(limit) }));
    this.jobId = null;
    this.painting = null;
    this.#enable();
    this.title = file.name ?? "";
    const image = byId("painting");
    image.src = URL.createObjectURL(file);
    image.hidden = false;
    image.alt = this.title;
    tell(say("sending"));
    this.painting = await this.service.store(file);
    tell("");
    this.#enable();
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
    this.#doing("");
    this.frameCount = job.frameCount;
    this.#offer();
    this.redo.close();
    this.ways.show(job).catch(() => {});
    await this.#watch();
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
        await this.ways.show(this.job);
        this.#offer();
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
    if (kind === "tagsStored") byId("tags").value = event.tagsStored.tags ?? "";
    if (kind === "keyframeStored") this.strip.fill(event.keyframeStored.keyframe);
    if (kind === "frameStored") this.player.add(event.frameStored.frame, this.frameCount);
    if (kind === "warning") tell([...this.warnings.add(event.warning.message)].join(" "));
    if (kind === "finished") {
      this.#doing(say("finished"));
      this.player.play();
    }
    if (kind === "cancelled") this.#doing(say("cancelled"));
    if (kind === "failed") this.#doing(say("failed", { reason: event.failed.failure.message }));
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
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    if (!this.player.frames.length) this.player.showPreview(bitmap, say("preview"));
  }

  async #export(event) {
    event.preventDefault();
    const bar = byId("export-progress");
    bar.hidden = false;
    bar.value = 0;
    try {
      const options = this.exportControls.fill({ format: byId("format").value });
      const beside = byId("beside").checked && !byId("beside-label").hidden ? this.ways.others.map(({ jobId }) => jobId) : [];
      const { name, blob } = await this.service.export(this.jobId, options, beside, (share) => { bar.value = share; });
      save(blob, name);
      byId("export-said").textContent = say("saved", { name });
    } finally {
      bar.hidden = true;
    }
  }

  async showModels() {
    if (!this.info.engines.some(({ state }) => state === "ENGINE_STATE_NO_MODELS")) return;
    const { models = [] } = await this.service.models();
    const details = byId("models");
    details.hidden = false;
    details.querySelector("ul").replaceChildren(...models.map((model) => this.#model(model)));
  }

  /** A model in the list: its facts, and a button that downloads it, or stops that; what has arrived is kept. */
  #model({ modelId: name, totalBytes = 0, state, licence, use, message }) {
    const facts = [name, sayBytes(Number(totalBytes)), licence, use, message].filter(Boolean);
    const said = make("span", { role: "status" }, facts.join(" · "));
    const bar = make("progress", { max: 1, hidden: true, "aria-label": name });
    const button = make("button", { type: "button", disabled: state === "MODEL_STATE_READY" }, say("download"));
    button.addEventListener("click", () => this.#guard(() => (
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
    this.info = await this.service.info();
    this.parameters.show(this.info);
  }

  #showExports() {
    const { choices, enumNames } = this.info.exportParameters.find(({ name }) => name === "format");
    byId("format").replaceChildren(...choices.map((choice, index) => new Option(words(choice), enumNames[index])));
    const presets = (this.info.exportPresets ?? []).map(({ name, summary }) => {
      const option = new Option(words(name), name);
      option.title = summary;
      return option;
    });
    byId("preset").replaceChildren(new Option("–", ""), ...presets);
    this.#showExportOptions();
  }

  #showExportOptions() {
    const open = byId("export-options").querySelector("details")?.open ?? false;
    byId("export-options").replaceChildren(...this.exportControls.groups(this.info.exportParameters));
    byId("export-options").querySelector("details").open = open;
  }

  /** Set format and options as the chosen preset says. */
  #takePreset() {
    const preset = this.info.exportPresets.find(({ name }) => name === byId("preset").value);
    if (!preset) return;
    byId("format").value = preset.options.format;
    this.exportControls.load(this.info.exportParameters, preset.options);
    this.#showExportOptions();
  }

  #show(jobId) {
    this.jobId = jobId;
    if (jobId === null) this.ways.show(null);
    history.replaceState(null, "", jobId ? `#job=${jobId}` : location.pathname);
    byId("result").hidden = jobId === null;
    document.querySelector("main").classList.toggle("has-result", jobId !== null);
    byId("export-said").textContent = "";
  }

  /** Offer what the job's engine can do with its result. */
  #offer() {
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

  #doing(text) {
    byId("doing").textContent = text;
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
    byId("preset").addEventListener("change", () => this.#takePreset());
    byId("export").addEventListener("submit", (event) => this.#guard(() => this.#export(event)));
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
