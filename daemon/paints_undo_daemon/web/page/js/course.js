// How processes go on, one beside the other: how far each is from its end, and how long each phase takes.

import { make } from "./elements.js";
import { kindOf } from "./service.js";
import { say } from "./words.js";

const SIDE = 48;
const WIDTH = 320, HEIGHT = 140;
const SVG = "http://www.w3.org/2000/svg";

export class Course {
  constructor(details, service, words, processes) {
    this.words = words;
    this.place = details.querySelector("div");
    details.addEventListener("toggle", () => details.open && this.show(service, processes()));
  }

  async show(service, jobs) {
    this.place.replaceChildren(make("p", {}, say("comparing")));
    const courses = [];
    for (const job of jobs) courses.push({ job, points: await points(service, job), phases: await phases(service, job) });
    this.place.replaceChildren(curves(courses), table(courses, this.words));
  }
}

/** [share of the work, distance to the end] of each key frame; both 0 to 1. */
async function points(service, job) {
  const frames = [];
  for (const { index = 0, operationStep = 0 } of job.keyframes) {
    frames.push({ share: 1 - operationStep / 1000, pixels: await pixelsOf(await service.small(job.jobId, index)) });
  }
  const last = frames.at(-1).pixels;
  return frames.map(({ share, pixels }) => [share, distance(pixels, last)]);
}

async function pixelsOf(blob) {
  const bitmap = await createImageBitmap(blob, { resizeWidth: SIDE, resizeHeight: SIDE, resizeQuality: "high" });
  const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, SIDE, SIDE);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, SIDE, SIDE).data;
}

function distance(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += Math.abs(one[at] - other[at]);
  return sum / (one.length * 255 * 0.75);
}

/** The share of the frames in each phase, in the order in which it begins. */
async function phases(service, job) {
  const counts = new Map();
  for await (const { event } of service.watch(job.jobId, new AbortController().signal)) {
    const label = event && kindOf(event) === "frameStored" ? event.frameStored.frame.label ?? "" : "";
    if (!label.includes(",")) continue;
    const phase = label.split(",")[0];
    counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  const all = [...counts.values()].reduce((one, other) => one + other, 0);
  return new Map([...counts].map(([phase, count]) => [phase, count / all]));
}

function curves(courses) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `-4 -4 ${WIDTH + 8} ${HEIGHT + 8}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", say("distances"));
  const most = Math.max(...courses.flatMap((course) => course.points.map(([, value]) => value)), 0.01);
  courses.forEach(({ points }, number) => {
    const line = document.createElementNS(SVG, "polyline");
    line.setAttribute("class", `curve curve-${number}`);
    line.setAttribute("points", points.map(([share, value]) => `${share * WIDTH},${HEIGHT * (1 - value / most)}`).join(" "));
    svg.append(line);
  });
  return make("figure", {}, svg, make("figcaption", {}, say("distances")));
}

function table(courses, words) {
  const names = [...new Set(courses.flatMap(({ phases }) => [...phases.keys()]))];
  const head = make("tr", {}, make("th", { scope: "col" }, say("phase")), ...courses.map(({ job }, number) =>
    make("th", { scope: "col" }, make("span", { className: `key curve-${number}` }), words(job))));
  const rows = names.map((name) => make("tr", {}, make("th", { scope: "row" }, name), ...courses.map(({ phases }) =>
    make("td", {}, phases.has(name) ? `${Math.round(phases.get(name) * 100)} %` : ""))));
  return make("div", { className: "scrolls", tabIndex: 0, role: "region", "aria-label": say("phases") },
    make("table", {}, make("caption", {}, say("phases")), make("thead", {}, head), make("tbody", {}, ...rows)));
}
