// What the page asks of the daemon, one function for each thing. Messages are the protocol's own, in its JSON form:
// 64-bit numbers are texts, and fields at their default are absent.

import { bytesFields, isBroken, join, numberField, RETRY_PAUSES_MS, sha256, sleep, textField } from "./connect.js";

const PICTURES_AT_ONCE = 3;
const ENDINGS = new Set(["finished", "cancelled", "failed"]);

export class Service {
  constructor(connect) {
    this.connect = connect;
  }

  info() {
    return this.connect.call("ServerService", "GetServerInfo", { clientVersion: "web" });
  }

  /** Have an engine loaded before a job needs it. */
  warmUp(engine) {
    return this.connect.call("ServerService", "WarmUp", { engine }, { safe: false });
  }

  /** Store a picture unless the daemon has it. Returns its hash. */
  async store(file, signal) {
    const hash = await sha256(file);
    return (await this.#has(hash, signal)) ? hash : await this.connect.upload(file, hash, signal);
  }

  async #has(hash, signal) {
    try {
      await this.connect.call("PictureService", "GetPicture", { hash }, { signal });
      return true;
    } catch (error) {
      if (error.code !== "not_found") throw error;
      return false;
    }
  }

  /** What a file says of how it was made; `sidecar` is its signature where that is a file of its own. Neither is kept. */
  async verify(file, sidecar) {
    const sent = [];
    const give = async (one) => {
      const hash = await sha256(one);
      if (!(await this.#has(hash))) sent.push(await this.connect.upload(one, hash));
      return hash;
    };
    try {
      const request = { hash: await give(file), sidecarHash: sidecar ? await give(sidecar) : "" };
      return await this.connect.call("PictureService", "VerifyFile", request);
    } finally {
      for (const hash of sent) await this.connect.call("PictureService", "DeletePicture", { hash }).catch(() => {});
    }
  }

  createJob(request) {
    return this.connect.call("JobService", "CreateJob", { requestId: crypto.randomUUID(), ...request });
  }

  job(jobId) {
    return this.connect.call("JobService", "GetJob", { jobId });
  }

  jobs(pageToken = "", pageSize = 24) {
    return this.connect.call("JobService", "ListJobs", { pageSize, pageToken });
  }

  /** The jobs of one painting, newest first. */
  jobsOf(paintingHash, pageSize) {
    return this.connect.call("JobService", "ListJobs", { paintingHash, pageSize });
  }

  cancel(jobId) {
    return this.connect.call("JobService", "CancelJob", { jobId });
  }

  remove(jobId) {
    return this.connect.call("JobService", "DeleteJob", { jobId });
  }

  models() {
    return this.connect.call("ModelService", "ListModels");
  }

  downloadModel(modelId, signal) {
    return this.connect.stream("ModelService", "DownloadModel", { modelId, detach: true }, signal);
  }

  cancelModelDownload(modelId) {
    return this.connect.call("ModelService", "CancelModelDownload", { modelId });
  }

  /** A job's events and progress until it ends, each event once and in order; a broken stream is taken up again. */
  async *watch(jobId, signal) {
    let after = 0;
    for (let pause = 200; ; pause = Math.min(pause * 2, 4000)) {
      try {
        for await (const update of this.connect.stream(
          "JobService", "WatchJob", { jobId, afterSequence: String(after) }, signal,
        )) {
          pause = 200;
          if (update.event) after = Number(update.event.sequence);
          yield update;
          if (update.event && ENDINGS.has(kindOf(update.event))) return;
        }
        return;
      } catch (error) {
        if (signal.aborted || !isBroken(error)) throw error;
        yield { broken: true };
        await sleep(pause, signal);
      }
    }
  }

  /** A stored picture as a Blob; what broke off is fetched again. */
  async picture(hash, signal) {
    for (const pause of [...RETRY_PAUSES_MS, null]) {
      try {
        return await withTurn(() => this.#fetchPicture(hash, signal));
      } catch (error) {
        if (pause === null || !isBroken(error)) throw error;
        await sleep(pause, signal);
      }
    }
  }

  async #fetchPicture(hash, signal) {
    const chunks = [];
    const stream = this.connect.binaryStream("PictureService", "DownloadPicture", textField(1, hash), signal);
    for await (const message of stream) {
      for (const [number, data] of bytesFields(message)) if (number === 2) chunks.push(data.slice());
    }
    return new Blob(chunks, { type: "image/png" });
  }

  /** The stored frames `begin` to `end` - 1 in one answer: `onPicture(hash, blob)` is called with each as it comes. */
  async frames(jobId, begin, end, onPicture, signal) {
    await withTurn(async () => {
      const request = join([textField(1, jobId), numberField(2, begin), numberField(3, end)]);
      let hash = null, chunks = [];
      const give = () => hash && onPicture(hash, new Blob(chunks, { type: "image/png" }));
      for await (const message of this.connect.binaryStream("JobService", "DownloadFrames", request, signal)) {
        for (const [number, data] of bytesFields(message)) {
          if (number === 2) chunks.push(data.slice());
          if (number !== 1) continue;
          give();
          [hash, chunks] = [hashOfHeader(data), []];
        }
      }
      give();
    });
  }

  /** A key frame as a small Blob. */
  async small(jobId, index, maxSide = 256) {
    return await withTurn(async () => {
      const chunks = [];
      const request = { jobId, keyframes: true, begin: index, end: index + 1, maxSide };
      for await (const { chunk } of this.connect.stream("JobService", "DownloadFrames", request)) {
        if (chunk) chunks.push(bytesOf(chunk));
      }
      return new Blob(chunks, { type: "image/png" });
    });
  }

  /** The names by which an export can leave layers and groups of the painting out, the topmost first. */
  async layerNames(jobId) {
    return (await this.connect.call("JobService", "ListLayerNames", { jobId })).names ?? [];
  }

  /** What an export would become: size of its pictures, length, about how many bytes. */
  estimateExport(jobId, options) {
    return this.connect.call("JobService", "EstimateExport", { jobId, options });
  }

  /**
   * Make an export, with other jobs beside it where some are given, and fetch it: a name and a Blob, and a second one where
   * the file's signature is a file of its own. `onProgress(share)` is called with 0 to 1.
   */
  async export(jobId, options, besideJobIds, onProgress, signal) {
    const chunks = [];
    let header = null, received = 0;
    for await (const message of this.connect.stream("JobService", "ExportJob", { jobId, options, besideJobIds }, signal)) {
      if (message.progress) onProgress((message.progress.step ?? 0) / message.progress.of);
      if (message.header) header = message.header;
      if (message.chunk) {
        chunks.push(bytesOf(message.chunk));
        received += chunks.at(-1).length;
        onProgress(received / Number(header.sizeBytes));
      }
    }
    const files = [{ name: header.fileName, encoder: header.encoder, blob: new Blob(chunks, { type: header.mediaType }) }];
    if (header.sidecar) files.push({ name: `${header.fileName}.c2pa`, blob: new Blob([bytesOf(header.sidecar)]) });
    return files;
  }
}

/** The hash of the frame that a PictureHeader announces. */
function hashOfHeader(header) {
  const first = (message, wanted) => [...bytesFields(message)].find(([number]) => number === wanted)[1];
  return new TextDecoder().decode(first(first(header, 1), 4));
}

/** The bytes of a field in the protocol's JSON. */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** The kind of an event, such as "frameStored". */
export function kindOf(event) {
  return Object.keys(event).find((key) => key !== "sequence" && key !== "time") ?? "";
}

let running = 0;
const waiting = [];

async function withTurn(work) {
  if (running >= PICTURES_AT_ONCE) await new Promise((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
