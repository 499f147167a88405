// The page: a picture, three steps, a result. It joins the parts, each of which has a module of its own.

import { CallError } from "./connect.js";
import { Checking } from "./checking.js";
import { Course } from "./course.js";
import { byId } from "./elements.js";
import { Exporting } from "./exporting.js";
import { Following } from "./following.js";
import { Models } from "./models.js";
import { EngineSettings } from "./parameters.js";
import { Past } from "./past.js";
import { Player } from "./player.js";
import { Redo } from "./redo.js";
import { Source } from "./source.js";
import { guard, tell } from "./status.js";
import { Strip } from "./strip.js";
import { Ways } from "./ways.js";
import { say, sayBytes, sayName } from "./words.js";

const STAGES = { tags: "STAGE_TAGS", keyframes: "STAGE_KEYFRAMES", video: "STAGE_INTERPOLATION" };
const VARIANTS = 4;
const NARROW = "(max-width: 60rem)";

export class Page {
  constructor(service) {
    this.service = service;
    this.painting = null;
    this.jobId = null;
    this.finishedBeside = 0;
    this.source = new Source((file) => this.take(file));
    this.#makeResult();
    this.exporting = new Exporting(byId("export"), service, guard);
    this.models = new Models(byId("models"), service, guard, async () => {
      this.info = await this.service.info();
      this.parameters.show(this.info);
    });
    this.parameters = new EngineSettings(byId("parameters"), () => this.#engineChanged());
    this.past = new Past(byId("history"), service, (job) => this.ways.words(job), {
      open: (jobId) => guard(() => this.open(jobId)),
      repeat: (jobId) => guard(() => this.repeat(jobId)),
      remove: (jobId) => guard(() => this.remove(jobId)),
    });
    new Checking(byId("check"), service, guard);
    this.#listen();
  }

  /** What shows a result: player, key frames, the other processes and what leads to them. */
  #makeResult() {
    const { service } = this;
    const fetchPicture = (hash) => service.picture(hash);
    const nameOf = (job, number) => this.candidateName(job, number);
    this.player = new Player({
      root: byId("player"), canvas: byId("canvas"), scrubber: byId("scrubber"), play: byId("play"),
      compare: byId("compare"), full: byId("full"), moment: byId("moment"),
    }, fetchPicture, (...range) => service.frames(this.jobId, ...range), (step) => {
      this.ways.at(step);
      byId("redo").disabled = this.following.running || step < 1 || step > 999;
    });
    this.strip = new Strip(byId("strip"), fetchPicture, (file) => guard(() => service.store(file)));
    this.following = new Following(service, this.player, this.strip, {
      onBusy: () => this.#enable(),
      onEnd: (job) => this.#ended(job),
    });
    this.ways = new Ways(byId("ways"), service, nameOf, (jobId) => guard(() => this.open(jobId)), () => this.#waysChanged());
    this.redo = new Redo(
      byId("candidates"), service, (wanted) => guard(async () => this.follow(await service.createJob(wanted))), nameOf, guard,
    );
    new Course(byId("course"), service, (job) => this.ways.words(job), () => [this.job, ...this.ways.others]);
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
    if (!this.info) return;
    const limit = Number(this.info.limits.maxPictureBytes);
    if (file.size > limit) throw new CallError("invalid_argument", say("tooLarge", { size: sayBytes(limit) }));
    this.painting = null;
    this.following.leave();
    this.player.clear();
    this.#show(null);
    byId("tags").value = "";
    this.strip.forget();
    this.title = file.name ?? "";
    this.source.show(file, this.title);
    tell(say("sending"));
    this.service.warmUp(this.parameters.chosen.name).catch(() => {});
    this.painting = await this.service.store(file);
    tell("");
    this.#enable();
  }

  /** Run the process up to a stage; what an earlier job of this picture has is taken over where it agrees. */
  async run(stopAfter) {
    const parameters = this.parameters.request();
    parameters.stopAfter = stopAfter;
    parameters.keyframes = { ...parameters.keyframes, ...this.strip.request() };
    const tags = byId("tags").value.trim();
    if (tags && stopAfter !== STAGES.tags) parameters.tags = { ...parameters.tags, text: tags };
    const wanted = { paintingHash: this.painting, parameters, title: this.title, baseJobId: this.jobId ?? "" };
    this.#reveal(true);
    this.following.expect();
    if (matchMedia(NARROW).matches) byId("result").scrollIntoView();
    let job;
    try {
      job = await this.service.createJob(wanted);
    } catch (error) {
      this.following.leave();
      this.following.doing("");
      this.#reveal(this.jobId !== null);
      throw error;
    }
    await this.follow(job);
  }

  /** Show a job, and follow it until it ends. */
  async open(jobId) {
    const job = await this.service.job(jobId);
    this.painting = job.paintingHash;
    this.title = job.title ?? "";
    this.service.picture(job.paintingHash).then(
      (blob) => job.paintingHash === this.painting && this.source.show(blob, this.title), () => {},
    );
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
    tell("");
    this.#show(job.jobId);
    this.#offer();
    this.redo.close();
    const following = this.following.follow(job);
    this.ways.show(job).catch(() => {});
    await following;
  }

  /** A job has ended: it stands among the earlier results, and if it is still shown, its result can be used. */
  async #ended({ jobId }) {
    await this.past.refresh();
    if (jobId !== this.jobId) return;
    this.job = await this.service.job(jobId);
    this.#offer();
    await this.ways.show(this.job);
  }

  #waysChanged() {
    const { length } = this.ways.others;
    this.exporting.offerBeside(length > 0);
    if (length !== this.finishedBeside) this.past.refresh().catch(() => {});
    this.finishedBeside = length;
  }

  #show(jobId) {
    this.jobId = jobId;
    if (jobId === null) this.ways.show(null);
    history.replaceState(null, "", jobId ? `#job=${jobId}` : location.pathname);
    this.#reveal(jobId !== null);
  }

  #reveal(isShown) {
    byId("result").hidden = !isShown;
    document.querySelector("main").classList.toggle("has-result", isShown);
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

  #enable() {
    for (const id of ["do-all", "make-tags", "make-keyframes", "make-video"]) {
      byId(id).disabled = this.painting === null || this.following.running === true;
    }
  }

  #engineChanged() {
    const engine = this.parameters.chosen;
    const stages = engine.stages ?? Object.values(STAGES);
    const reads = stages.includes(STAGES.tags);
    byId("describe-help").textContent = say(reads ? "describeHelp" : "noTags");
    byId("tags").hidden = byId("make-tags").hidden = !reads;
    this.strip.reset(engine.defaultOperationSteps ?? []);
  }

  #listen() {
    const starts = { "do-all": STAGES.video, "make-tags": STAGES.tags, "make-keyframes": STAGES.keyframes, "make-video": STAGES.video };
    for (const [id, stage] of Object.entries(starts)) byId(id).addEventListener("click", () => guard(() => this.run(stage)));
    byId("make-variants").addEventListener("click", () => guard(() => this.makeVariants()));
    byId("redo").addEventListener("click", () => guard(() => this.redo.offer(this.job, this.player.step)));
    byId("add-moment").addEventListener("click", () => this.strip.add());
  }
}

/** Whether a job differs from a request in its variant alone. */
function isVariant({ parameters: { variant, ...parameters } }, same) {
  return JSON.stringify(parameters) === JSON.stringify(same);
}
