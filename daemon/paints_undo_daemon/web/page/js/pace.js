// The curve by which a film shares out its time: across, the time; up, how much of the work is shown by then.

import { make } from "./elements.js";
import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 320, HEIGHT = 120, EDGE = 10;
const GAP = 0.02, STEP = 0.02, MOST = 12;
const STRAIGHT = [[0, 0], [0.5, 0.5], [1, 1]];
const MOVES = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };

/** A field for such a curve, drawn by pointer or keyboard, or typed as "0:0,0.5:0.3,1:1". `onChange` is told the text. */
export function paceField(text, maxLength, onChange) {
  const input = make("input", { type: "text", value: text, maxLength });
  const graph = new Graph(pointsOf(text), (points) => {
    input.value = textOf(points);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", () => {
    onChange(input.value);
    graph.show(pointsOf(input.value));
  });
  return make("span", { className: "pace" }, graph.svg, input, make("small", {}, say("paceHelp")));
}

/** [time, work] of each point, 0 to 1; a straight line where the text is no curve. */
function pointsOf(text) {
  const points = text.split(",").filter(Boolean).map((point) => point.split(":").map(Number));
  return points.length > 1 && points.every((point) => point.length === 2 && point.every(Number.isFinite)) ? points : STRAIGHT;
}

function textOf(points) {
  return points.map((point) => point.map((share) => Number(share.toFixed(3))).join(":")).join(",");
}

class Graph {
  constructor(points, onChange) {
    this.onChange = onChange;
    this.held = 0;
    this.svg = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "graph", role: "group", "aria-label": say("pace") });
    this.line = svg("polyline", { class: "curve curve-0" });
    this.svg.append(svg("path", { class: "straight", d: `M${place([0, 0])} L${place([1, 1])}` }), this.line);
    this.svg.addEventListener("pointerdown", (event) => this.#press(event));
    this.svg.addEventListener("pointermove", (event) => this.held && this.#move(this.held, this.#shares(event)));
    this.svg.addEventListener("pointerup", () => this.#release());
    this.svg.addEventListener("pointercancel", () => this.#release());
    this.svg.addEventListener("click", (event) => event.preventDefault()); // the label around would choose the text field
    this.svg.addEventListener("keydown", (event) => this.#key(event));
    this.show(points);
  }

  /** Draw a curve; a point that has the keyboard keeps it. */
  show(points) {
    this.points = points;
    this.line.setAttribute("points", points.map(place).join(" "));
    if (this.dots?.length !== points.length) {
      for (const dot of this.dots ?? []) dot.remove();
      this.dots = points.map((_, index) => svg("circle", { r: 7, class: "dot", "data-index": index }));
      for (const dot of this.dots.slice(1, -1)) {
        for (const [name, value] of [["tabindex", 0], ["role", "slider"], ["aria-valuemin", 0], ["aria-valuemax", 100]]) dot.setAttribute(name, value);
      }
      this.svg.append(...this.dots);
    }
    points.forEach(([time, work], index) => {
      const [x, y] = place([time, work]);
      const [at, done] = [time, work].map((share) => Math.round(100 * share));
      const told = { "aria-valuenow": done, "aria-label": say("pacePoint", { number: index, time: at, work: done }) };
      for (const [name, value] of Object.entries({ cx: x, cy: y, ...(this.#isInner(index) ? told : {}) })) {
        this.dots[index].setAttribute(name, value);
      }
    });
  }

  #press(event) {
    const index = Number(event.target.dataset.index ?? -1);
    this.held = index < 0 ? this.#add(this.#shares(event)) : this.#isInner(index) ? index : 0;
    if (!this.held) return;
    event.preventDefault();
    this.svg.setPointerCapture(event.pointerId);
    this.dots[this.held].focus();
  }

  #release() {
    if (this.held) this.onChange(this.points);
    this.held = 0;
  }

  #key(event) {
    const index = Number(event.target.dataset.index);
    const [time, work] = this.points[index];
    if (event.key in MOVES) this.#move(index, [time + MOVES[event.key][0], work + MOVES[event.key][1]]);
    else if (event.key === "Delete" || event.key === "Backspace") this.#remove(index);
    else if (event.key === "Insert") this.#insert(index);
    else return;
    event.preventDefault();
    this.onChange(this.points);
  }

  #isInner(index) {
    return index > 0 && index < this.points.length - 1;
  }

  /** Move a point as far as its neighbours leave room: time rises, work never falls. */
  #move(index, [time, work]) {
    const [[before, low], [after, high]] = [this.points[index - 1], this.points[index + 1]];
    const moved = [Math.min(Math.max(time, before + GAP), after - GAP), Math.min(Math.max(work, low), high)];
    this.show(this.points.with(index, moved));
  }

  /** Add a point, and give its index; 0 where there is no room. */
  #add([time, work]) {
    const index = this.points.filter(([known]) => known <= time).length;
    const [before, after] = [this.points[index - 1], this.points[index]];
    if (!before || !after || this.points.length >= MOST || after[0] - before[0] < 2 * GAP) return 0;
    this.show(this.points.toSpliced(index, 0, [time, work]));
    this.#move(index, [time, work]);
    return index;
  }

  /** Add a point half way to the next. */
  #insert(index) {
    const [[time, work], [later, more]] = [this.points[index], this.points[index + 1]];
    const added = this.#add([(time + later) / 2, (work + more) / 2]);
    if (added) this.dots[added].focus();
  }

  #remove(index) {
    if (this.points.length < 3) return;
    this.show(this.points.toSpliced(index, 1));
    this.dots[Math.min(index, this.dots.length - 2)].focus();
  }

  /** Time and work below the pointer. */
  #shares({ clientX, clientY }) {
    const { left, top, width, height } = this.svg.getBoundingClientRect();
    const x = ((clientX - left) / width) * WIDTH, y = ((clientY - top) / height) * HEIGHT;
    return [(x - EDGE) / (WIDTH - 2 * EDGE), (HEIGHT - EDGE - y) / (HEIGHT - 2 * EDGE)];
  }
}

function place([time, work]) {
  return [EDGE + time * (WIDTH - 2 * EDGE), HEIGHT - EDGE - work * (HEIGHT - 2 * EDGE)];
}

function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
