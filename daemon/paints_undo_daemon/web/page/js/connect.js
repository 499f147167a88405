// The Connect protocol in the browser (https://connectrpc.com/docs/protocol): unary calls and server streams as JSON,
// pictures and exports as binary messages, uploads as one body of envelopes. No other module knows about HTTP.

const PACKAGE = "paints_undo.v1";
const CHUNK = 1 << 20;
const CONNECTION = crypto.randomUUID();
export const RETRY_PAUSES_MS = [200, 500, 1000, 2000, 4000];

/** A status of the daemon or of the HTTP server. `code` is a Connect code such as "not_found". */
export class CallError extends Error {
  constructor(code, message, fields = []) {
    super(message);
    this.code = code;
    this.fields = fields;
  }
}

export class Connect {
  constructor(session) {
    this.session = session;
  }

  /** One message there, one back. Calls that broke off are sent again where that does no harm. */
  async call(service, method, message = {}, { signal, safe = true } = {}) {
    for (const pause of safe ? [...RETRY_PAUSES_MS, null] : [null]) {
      try {
        const response = await this.#post(service, method, "application/json", JSON.stringify(message), signal);
        if (!response.ok) throw await readError(response);
        return await response.json();
      } catch (error) {
        if (pause === null || !isBroken(error) || signal?.aborted) throw asCallError(error);
        await sleep(pause, signal);
      }
    }
  }

  /** One message there, a stream of JSON messages back. */
  async *stream(service, method, message, signal) {
    const body = envelope(new TextEncoder().encode(JSON.stringify(message)));
    for await (const data of this.#read(service, method, "application/connect+json", body, signal)) {
      yield JSON.parse(new TextDecoder().decode(data));
    }
  }

  /** One message there (already encoded), a stream of binary messages back, each as a Uint8Array. */
  binaryStream(service, method, encoded, signal) {
    return this.#read(service, method, "application/connect+proto", envelope(encoded), signal);
  }

  /** Send a picture. `hash` is the SHA-256 of the file; the file is not copied. */
  async upload(file, hash, signal) {
    const head = { header: { hash, sizeBytes: String(file.size) } };
    const parts = [envelopeOf(encodeUploadHeader(head.header))];
    for (let begin = 0; begin < file.size; begin += CHUNK) {
      const chunk = file.slice(begin, begin + CHUNK);
      const prefix = field(2, chunk.size);
      parts.push(envelopeHead(prefix.length + chunk.size), prefix, chunk);
    }
    const body = new Blob(parts);
    const stream = this.#read("PictureService", "UploadPicture", "application/connect+proto", body, signal);
    for await (const _ of stream) { /* the stored picture, whose hash is known */ }
    return hash;
  }

  async #post(service, method, type, body, signal) {
    return await fetch(`/${PACKAGE}.${service}/${method}`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${this.session}`,
        "content-type": type,
        "connect-protocol-version": "1",
        "paints-undo-connection": CONNECTION,
      },
      body,
      signal,
    });
  }

  async *#read(service, method, type, body, signal) {
    let response;
    try {
      response = await this.#post(service, method, type, body, signal);
    } catch (error) {
      throw asCallError(error);
    }
    if (!response.ok) throw await readError(response);
    const reader = response.body.getReader();
    try {
      yield* splitEnvelopes(reader);
    } catch (error) {
      throw asCallError(error);
    } finally {
      reader.cancel().catch(() => {});
    }
  }
}

/** Whether a call may succeed when it is made again: the connection broke, or the daemon is starting. */
export function isBroken(error) {
  return error.code === "unavailable" || error instanceof TypeError;
}

/** The SHA-256 of a file as lower-case hexadecimal. */
export async function sha256(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The length-delimited fields of a protobuf message, as [number, Uint8Array]; others are skipped. */
export function* bytesFields(message) {
  let at = 0;
  const varint = () => {
    let value = 0, factor = 1, byte;
    do {
      byte = message[at++];
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte & 128);
    return value;
  };
  while (at < message.length) {
    const tag = varint();
    if ((tag & 7) === 2) {
      const length = varint();
      yield [tag >> 3, message.subarray(at, at + length)];
      at += length;
    } else if ((tag & 7) === 0) {
      varint();
    } else {
      at += (tag & 7) === 1 ? 8 : 4;
    }
  }
}

/** A protobuf text field. */
export function textField(number, text) {
  const data = new TextEncoder().encode(text);
  return join([field(number, data.length), data]);
}

/** A protobuf number field. */
export function numberField(number, value) {
  return join([encodeVarint(number << 3), encodeVarint(value)]);
}

/** Bytes one after the other. */
export function join(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function encodeUploadHeader({ hash, sizeBytes }) {
  const header = join([textField(1, hash), numberField(2, Number(sizeBytes)), numberField(3, 1)]);
  return join([field(1, header.length), header]);
}

function field(number, length) {
  return join([encodeVarint((number << 3) | 2), encodeVarint(length)]);
}

function encodeVarint(value) {
  const bytes = [];
  while (value > 127) {
    bytes.push((value % 128) | 128);
    value = Math.floor(value / 128);
  }
  bytes.push(value);
  return Uint8Array.from(bytes);
}

function envelopeHead(length) {
  const head = new Uint8Array(5);
  new DataView(head.buffer).setUint32(1, length);
  return head;
}

function envelopeOf(data) {
  return join([envelopeHead(data.length), data]);
}

function envelope(data) {
  return envelopeOf(data);
}

async function* splitEnvelopes(reader) {
  let pending = [], held = 0;
  const take = (count) => {
    const whole = pending.length === 1 ? pending[0] : join(pending);
    const rest = whole.subarray(count);
    pending = rest.length ? [rest] : [];
    held = rest.length;
    return whole.subarray(0, count);
  };
  const fill = async (count) => {
    while (held < count) {
      const { done, value } = await reader.read();
      if (done) return false;
      pending.push(value);
      held += value.length;
    }
    return true;
  };
  while (await fill(5)) {
    const head = take(5);
    const length = new DataView(head.buffer, head.byteOffset).getUint32(1);
    if (!(await fill(length))) break;
    const data = take(length);
    if (head[0] & 2) {
      const end = JSON.parse(new TextDecoder().decode(data) || "{}");
      if (end.error) throw errorOf(end.error);
      return;
    }
    yield data;
  }
  throw new CallError("unavailable", "The connection to the daemon broke.");
}

async function readError(response) {
  try {
    return errorOf(await response.json());
  } catch {
    return new CallError("unavailable", `The server answered ${response.status}.`);
  }
}

function errorOf({ code, message, details = [] }) {
  const fields = details.filter(({ type }) => type === "google.rpc.BadRequest").flatMap(({ value }) => {
    const bytes = Uint8Array.from(atob(value.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    return [...bytesFields(bytes)].map(([, violation]) => {
      const [, name] = [...bytesFields(violation)].find(([number]) => number === 1) ?? [1, new Uint8Array()];
      return new TextDecoder().decode(name);
    });
  });
  return new CallError(code ?? "unknown", message ?? "", fields);
}

function asCallError(error) {
  return error instanceof TypeError ? new CallError("unavailable", "The connection to the daemon broke.") : error;
}

export function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
