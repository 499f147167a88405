// The player: frames on a canvas, a scrubber, and the painting beside them to compare. At most a bounded number of bytes
// of pictures is held; what was dropped is fetched again when it is looked at.

import { say } from "./words.js";

const HELD_BYTES = 256 << 20;
const FRAMES_PER_SECOND = 12;
const AHEAD = 16;
const PREVIEW_SIDE = 512;

export class Player {
  /**
   * `fetchPicture(hash)` gives a Blob; `fetchFrames(begin, end, onPicture, signal)` calls `onPicture(hash, blob)` for each of
   * several frames. `onMove` is told the operation step of the frame that is looked at.
   */
  constructor(elements, fetchPicture, fetchFrames, onMove) {
    this.elements = elements;
    this.fetchPicture = fetchPicture;
    this.fetchFrames = fetchFrames;
    this.onMove = onMove;
    this.context = elements.canvas.getContext("2d");
    elements.scrubber.addEventListener("input", () => this.#stand(Number(elements.scrubber.value)));
    elements.play.addEventListener("click", () => this.toggle());
    elements.compare.addEventListener("change", () => this.draw());
    elements.full.addEventListener("click", () => this.#fullScreen());
    elements.canvas.addEventListener("click", () => this.#fullScreen());
    elements.root.addEventListener("keydown", (event) => this.#key(event));
    elements.canvas.addEventListener("pointermove", (event) => this.#slide(event));
    this.clear();
  }

  clear() {
    this.fetching?.abort();
    this.fetching = null;
    this.frames = [];
    this.held = new Map();
    this.heldBytes = 0;
    this.index = 0;
    this.slider = 0.5;
    this.count = 0;
    this.following = true;
    this.drawn = 0;
    this.elements.scrubber.max = this.elements.scrubber.value = "0";
    this.elements.root.classList.remove("empty");
    this.context.clearRect(0, 0, this.elements.canvas.width, this.elements.canvas.height);
    this.stop();
  }

  /** A frame of the process has become known. It is shown, unless somebody looks at another one. */
  add(frame, count) {
    this.frames[frame.index ?? 0] = frame;
    this.count = count;
    this.elements.scrubber.max = String(Math.max(0, this.#known() - 1));
    if (!this.timer && this.following) this.#follow();
    this.#describe();
  }

  /** Show the newest frame, then the one that is the newest by then: what comes faster than it can be fetched is skipped. */
  async #follow() {
    if (this.drawing) return;
    this.drawing = true;
    while (!this.timer && this.following && this.drawn !== this.#known()) {
      this.drawn = this.#known();
      await this.seek(this.drawn - 1);
    }
    this.drawing = false;
  }

  /** Show a picture of what is being made, while there is no frame yet; it is small, and is made larger. */
  showPreview(bitmap, label) {
    const { canvas, moment } = this.elements;
    const scale = Math.max(1, PREVIEW_SIDE / Math.max(bitmap.width, bitmap.height));
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    this.context.imageSmoothingQuality = "high";
    this.context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    moment.textContent = label;
  }

  /** The operation step of the frame that is looked at. */
  get step() {
    return Math.round(this.frames[this.index]?.operationStep ?? 0);
  }

  seek(index) {
    this.index = Math.min(Math.max(0, index), Math.max(0, this.#known() - 1));
    this.elements.scrubber.value = String(this.index);
    return this.draw();
  }

  #stand(index) {
    this.stop();
    this.following = index >= this.#known() - 1;
    this.seek(index);
  }

  toggle() {
    if (this.timer) this.stop();
    else this.play();
  }

  /** No more frames come: without any there is nothing to look at. */
  end() {
    this.elements.root.classList.toggle("empty", this.#known() === 0);
  }

  /** Show the whole process from its beginning, unless somebody looks at one of its frames. */
  replay() {
    if (!this.following) return;
    this.index = 0;
    this.play();
  }

  play() {
    if (this.#known() < 2) return;
    if (this.index >= this.#known() - 1) this.index = 0;
    clearInterval(this.timer);
    this.timer = setInterval(() => this.#next(), 1000 / FRAMES_PER_SECOND);
    this.#describe();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.#describe();
  }

  /** Draw the frame that is looked at. A picture that is gone (its job was deleted) leaves the canvas as it is. */
  draw() {
    this.#describe();
    const frame = this.frames[this.index];
    if (frame) this.onMove(frame.operationStep ?? 0);
    return frame ? this.#drawFrame(frame).catch(() => {}) : Promise.resolve();
  }

  async #drawFrame(frame) {
    const wanted = this.index;
    const picture = await this.#picture(frame);
    if (this.timer) this.#fetchAhead(wanted + 1);
    if (wanted !== this.index) return;
    const { canvas, compare } = this.elements;
    const last = this.frames[this.count - 1];
    const whole = compare.checked && last ? await this.#picture(last) : null;
    const sized = whole ?? picture;
    if (canvas.width !== sized.width || canvas.height !== sized.height) {
      canvas.width = sized.width;
      canvas.height = sized.height;
    }
    this.context.clearRect(0, 0, canvas.width, canvas.height);
    this.context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    if (whole) this.#drawBeside(whole);
  }

  /** Fetch what is played next, many frames in one answer: one by one they take several times as long. */
  async #fetchAhead(begin) {
    if (this.fetching) return;
    const end = Math.min(begin + AHEAD, this.#known());
    const first = this.frames.slice(begin, end).findIndex(({ pictureHash }) => !this.held.has(pictureHash)) + begin;
    if (first < begin || first >= begin + AHEAD / 2) return;
    const waiting = new Map();
    for (const frame of this.frames.slice(first, end)) {
      if (!this.held.has(frame.pictureHash)) {
        this.#hold(frame, new Promise((...settle) => waiting.set(frame.pictureHash, settle)));
      }
    }
    const fetching = this.fetching = new AbortController();
    const give = (hash, blob) => waiting.get(hash)?.[0](blob);
    await this.fetchFrames(first, end, give, fetching.signal).catch(() => {});
    for (const [, fail] of waiting.values()) fail(new Error("The frame did not come."));
    if (this.fetching === fetching) this.fetching = null;
  }

  #drawBeside(whole) {
    const { canvas } = this.elements;
    const edge = Math.round(canvas.width * this.slider);
    this.context.clearRect(edge, 0, canvas.width - edge, canvas.height);
    this.context.drawImage(whole, edge, 0, canvas.width - edge, canvas.height, edge, 0, canvas.width - edge, canvas.height);
    this.context.fillStyle = "#ffffffcc";
    this.context.fillRect(edge - 1, 0, 3, canvas.height);
  }

  #next() {
    if (this.index + 1 >= this.#known()) this.stop();
    else this.seek(this.index + 1);
  }

  #known() {
    const gap = this.frames.findIndex((frame) => !frame);
    return gap < 0 ? this.frames.length : gap;
  }

  async #picture(frame) {
    const entry = this.held.get(frame.pictureHash);
    if (!entry) return await this.#hold(frame, this.fetchPicture(frame.pictureHash));
    this.held.delete(frame.pictureHash); // to stand last, as what was looked at last
    this.held.set(frame.pictureHash, entry);
    return await entry.bitmap;
  }

  /** Hold the picture that a Blob will bring, and drop the ones that were not looked at for longest. */
  #hold(frame, blob) {
    const hash = frame.pictureHash, { held } = this;
    const entry = { bytes: (frame.width ?? 1) * (frame.height ?? 1) * 4, bitmap: blob.then((found) => createImageBitmap(found)) };
    entry.bitmap.catch(() => {
      if (held.get(hash) !== entry) return;
      held.delete(hash);
      if (held === this.held) this.heldBytes -= entry.bytes;
    });
    held.set(hash, entry);
    this.heldBytes += entry.bytes;
    while (this.heldBytes > HELD_BYTES && this.held.size > AHEAD + 2) {
      const [oldest, { bytes, bitmap }] = this.held.entries().next().value;
      this.held.delete(oldest);
      this.heldBytes -= bytes;
      bitmap.then((picture) => picture.close(), () => {});
    }
    return entry.bitmap;
  }

  #describe() {
    const { moment, play, canvas, scrubber } = this.elements;
    const frame = this.frames[this.index];
    const step = frame?.operationStep ?? 0;
    const share = Math.round(100 - step / 10);
    const label = frame?.label ? ` · ${frame.label}` : "";
    moment.textContent = frame
      ? `${say("done", { share })}${label} · ${say("frame", { index: this.index + 1, count: this.count })}` : "";
    canvas.setAttribute("aria-label", moment.textContent || say("video"));
    scrubber.setAttribute("aria-label", say("moment"));
    scrubber.setAttribute("aria-valuetext", moment.textContent);
    play.textContent = say(this.timer ? "pause" : "play");
  }

  #fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.elements.root.requestFullscreen?.();
  }

  #slide(event) {
    if (!this.elements.compare.checked) return;
    this.slider = event.offsetX / this.elements.canvas.clientWidth;
    this.draw();
  }

  #key(event) {
    if (event.target !== this.elements.canvas) return;
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -this.count, End: this.count };
    if (event.key === " ") this.toggle();
    else if (event.key === "f") this.#fullScreen();
    else if (event.key in steps) this.#stand(this.index + steps[event.key]);
    else return;
    event.preventDefault();
  }
}
