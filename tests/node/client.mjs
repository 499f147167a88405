// Drives one job from its picture to its exported result, with nothing but the .proto files.
//
//   ENDPOINT (the endpoint file), PICTURE (a file), PROTO (the folder of .proto files) stand in the environment.
//
// Prints one JSON object with what it has seen.
import { createHash, randomBytes } from "node:crypto";
import { lstatSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const { ENDPOINT, PICTURE, PROTO } = process.env;
const files = ["pictures", "jobs", "models", "server"].map((name) => `paints_undo/v1/${name}.proto`);
const definition = loader.loadSync(files, { includeDirs: [PROTO], longs: Number, enums: String, oneofs: true });
const { v1 } = grpc.loadPackageDefinition(definition).paints_undo;

// Who gets the token: nobody else can have put a socket there, or has the key of the certificate.
const endpoint = JSON.parse(readFileSync(ENDPOINT, "utf8"));
const prove = ({ address, certificate_file }) => {
  if (!address.startsWith("unix:")) {
    const root = readFileSync(certificate_file);
    return [grpc.credentials.createSsl(root), { "grpc.ssl_target_name_override": "localhost" }];
  }
  const path = address.slice("unix:".length);
  const [socket, folder] = [lstatSync(path), statSync(dirname(path))];
  if (!socket.isSocket() || socket.uid !== process.getuid()) throw new Error(`${path} is not this account's socket`);
  if (folder.uid !== process.getuid() || folder.mode & 0o022) throw new Error(`others may change the folder of ${path}`);
  return [grpc.credentials.createInsecure(), {}];
};
const [credentials, options] = prove(endpoint);
const metadata = new grpc.Metadata();
metadata.set("authorization", `Bearer ${readFileSync(endpoint.token_file, "utf8").trim()}`);
metadata.set("paints-undo-connection", "node");
const jobs = new v1.JobService(endpoint.address, credentials, options);
const pictures = new v1.PictureService(endpoint.address, credentials, options);
const server = new v1.ServerService(endpoint.address, credentials, options);

const call = (stub, method, request) =>
  new Promise((resolve, reject) =>
    stub[method](request, metadata, (error, answer) => (error ? reject(error) : resolve(answer))),
  );

const upload = (data) =>
  new Promise((resolve, reject) => {
    const stream = pictures.uploadPicture(metadata, (error, answer) => (error ? reject(error) : resolve(answer)));
    const hash = createHash("sha256").update(data).digest("hex");
    stream.write({ header: { hash, sizeBytes: data.length } });
    for (let start = 0; start < data.length; start += 2 ** 20) {
      stream.write({ chunk: data.subarray(start, start + 2 ** 20) });
    }
    stream.end();
  });

const info = await call(server, "getServerInfo", { clientVersion: "node" });
const { picture } = await upload(readFileSync(PICTURE));
const job = await call(jobs, "createJob", {
  requestId: randomBytes(8).toString("hex"),
  paintingHash: picture.hash,
  parameters: { keyframes: { operationSteps: [300, 600] }, interpolation: { frames: 4 } },
});

const kinds = [];
const sequences = [];
for await (const item of jobs.watchJob({ jobId: job.jobId }, metadata)) {
  if (item.item === "event") {
    kinds.push(item.event.kind);
    sequences.push(item.event.sequence);
  }
}

const frames = [];
for await (const part of jobs.downloadFrames({ jobId: job.jobId }, metadata)) {
  if (part.part === "header") {
    frames.push({ wanted: part.header.frame.pictureHash, hash: createHash("sha256") });
  } else {
    frames.at(-1).hash.update(part.chunk);
  }
}
const intact = frames.every((frame) => frame.hash.digest("hex") === frame.wanted);

let exported = 0;
let fileName = "";
for await (const part of jobs.exportJob({ jobId: job.jobId, options: { format: "EXPORT_FORMAT_GIF" } }, metadata)) {
  if (part.part === "header") fileName = part.header.fileName;
  if (part.part === "chunk") exported += part.chunk.length;
}

let refusal;
try {
  await call(jobs, "createJob", { requestId: "x", paintingHash: picture.hash, parameters: { keyframes: { steps: 999 } } });
} catch (error) {
  refusal = { code: grpc.status[error.code], details: error.details, rich: error.metadata.get("grpc-status-details-bin").length };
}
const finished = await call(jobs, "getJob", { jobId: job.jobId });
console.log(
  JSON.stringify({ client: info.client, kinds, sequences, frames: frames.length, intact, exported, fileName, refusal, state: finished.state }),
);
process.exit(0);
