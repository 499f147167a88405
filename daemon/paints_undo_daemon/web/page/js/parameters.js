// Settings, built from what the daemon says of them: names, kinds, ranges, defaults, choices, help. Nothing is repeated.

import { make } from "./elements.js";
import { namesField } from "./names.js";
import { paceField } from "./pace.js";
import { say } from "./words.js";

const READY = "ENGINE_STATE_READY";
const NO_MODELS = "ENGINE_STATE_NO_MODELS";
const ELSEWHERE = new Set([
  "engine", "stop_after", "tags.text", "keyframes.operation_steps", "keyframes.own", "keyframes.seeds", "format",
]);
const INTEGERS = "PARAMETER_KIND_INTEGERS";

/**
 * Controls for parameters, and the values that somebody has set; what is not set is left to the daemon. `listings`: by
 * parameter, a function that gives the names that its text may list.
 */
export class Controls {
  constructor(listings = {}) {
    this.listings = listings;
    this.values = new Map();
  }

  /** The values as the protocol's JSON, put into `message`. */
  fill(message) {
    for (const [name, value] of this.values) {
      const path = name.split(".").map(camelCase);
      let group = message;
      for (const part of path.slice(0, -1)) group = group[part] ??= {};
      group[path.at(-1)] = value;
    }
    return message;
  }

  /** Take over the values of a message, as far as they are not the defaults. */
  load(parameters, message) {
    this.values.clear();
    for (const { name, kind, choices = [], enumNames = [], defaultValue = "" } of parameters) {
      if (ELSEWHERE.has(name) || kind === INTEGERS) continue;
      const value = name.split(".").map(camelCase).reduce((group, part) => group?.[part], message);
      const standard = enumNames[choices.indexOf(defaultValue)] ?? defaultValue;
      if (value !== undefined && String(value).toLowerCase() !== standard.toLowerCase()) this.values.set(name, value);
    }
  }

  /** Folds by group, the basic parameters before the advanced ones. */
  groups(parameters) {
    const groups = new Map();
    for (const parameter of parameters) {
      if (ELSEWHERE.has(parameter.name) || parameter.kind === INTEGERS) continue;
      const name = parameter.group ?? "";
      groups.set(name, [...(groups.get(name) ?? []), parameter]);
    }
    return [...groups].map(([group, listed]) => make(
      "details", {}, make("summary", {}, group || say("settings")),
      ...listed.sort((a, b) => Number(a.advanced ?? false) - Number(b.advanced ?? false)).map((one) => this.#control(one)),
    ));
  }

  #set(name, value) {
    if (value === undefined) this.values.delete(name);
    else this.values.set(name, value);
  }

  #control(parameter) {
    const { name, kind, help = "", unit = "" } = parameter;
    const bare = name.split(".").at(-1);
    const label = words(bare.endsWith(`_${unit}`) ? bare.slice(0, -unit.length - 1) : bare) + (unit ? ` (${unit})` : "");
    const control = {
      PARAMETER_KIND_CHOICE: () => this.#choice(parameter),
      PARAMETER_KIND_BOOLEAN: () => this.#box(parameter),
      PARAMETER_KIND_TEXT: () => this.#text(parameter),
    }[kind]?.() ?? this.#number(parameter);
    return line(label, control, help);
  }

  #choice({ name, choices, enumNames = [], defaultValue = "" }) {
    const sent = enumNames.length ? enumNames : choices;
    const held = this.values.get(name) ?? sent[choices.indexOf(defaultValue)];
    const select = make("select", { onchange: () => this.#set(name, select.value) });
    choices.forEach((choice, index) => select.append(new Option(words(choice), sent[index], false, sent[index] === held)));
    return select;
  }

  #box({ name, defaultValue = "" }) {
    const checked = this.values.get(name) ?? defaultValue.toLowerCase() === "true";
    const box = make("input", { type: "checkbox", checked, onchange: () => this.#set(name, box.checked) });
    return box;
  }

  #text({ name, defaultValue = "", maxLength }) {
    const value = this.values.get(name) ?? defaultValue;
    if (name === "pace_curve") return paceField(value, maxLength, (text) => this.#set(name, text || undefined));
    if (this.listings[name]) return namesField(value, maxLength, this.listings[name], (text) => this.#set(name, text || undefined));
    const text = make("input", { type: "text", value, maxLength: maxLength ?? 4096, onchange: () => this.#set(name, text.value) });
    return text;
  }

  #number({ name, kind, defaultValue = "", minimum, maximum, multipleOf, zeroMeans }) {
    const whole = kind === "PARAMETER_KIND_INTEGER";
    const held = String(this.values.get(name) ?? defaultValue);
    const number = make("input", {
      type: "number", value: zeroMeans && Number(held) === 0 ? "" : held, placeholder: zeroMeans ?? "",
      step: String(multipleOf || (whole ? 1 : "any")),
    });
    if (minimum !== undefined && !zeroMeans) number.min = String(minimum);
    if (maximum !== undefined) number.max = String(maximum);
    number.addEventListener("change", () => {
      if (number.reportValidity()) this.#set(name, number.value === "" ? undefined : Number(number.value));
    });
    return number;
  }
}

/** The settings of a process: an engine, and what it reads. Each engine keeps its own values. */
export class EngineSettings {
  constructor(place, onEngine) {
    this.place = place;
    this.onEngine = onEngine;
    this.controls = {};
  }

  /** Take over what the daemon says. */
  show(info) {
    this.info = info;
    this.engine ??= info.recommendedEngine;
    const engines = make("select", { onchange: (event) => this.choose(event.target.value) });
    for (const { name, state } of info.engines) {
      engines.append(new Option(name, name, false, name === this.engine));
      engines.lastChild.disabled = state !== READY;
    }
    const missing = info.engines.filter(({ state }) => state !== READY).map(({ name, state, message }) => make("p", {}, (
      state === NO_MODELS ? say("engineNeedsModels", { engine: name }) : say("engineMissing", { engine: name, reason: message ?? "" })
    )));
    const controls = this.controls[this.engine] ??= new Controls();
    this.place.replaceChildren(line(say("engine"), engines), ...missing, ...controls.groups(this.chosen.parameters));
  }

  choose(engine) {
    this.engine = engine;
    this.show(this.info);
    this.onEngine();
  }

  /** Take over a job's engine and settings. */
  load(parameters) {
    const { name, parameters: known } = this.info.engines.find(({ name }) => name === parameters.engine);
    this.controls[name] ??= new Controls();
    this.controls[name].load(known, parameters);
    this.choose(name);
  }

  get chosen() {
    return this.info.engines.find(({ name }) => name === this.engine);
  }

  /** The parameters of a request, as the protocol's JSON. */
  request() {
    return this.controls[this.engine].fill({ engine: this.engine });
  }
}

function line(label, control, help = "") {
  return make("label", { className: "parameter" }, make("span", {}, label), control, help ? make("small", {}, help) : null);
}

export function words(name) {
  const text = name.replaceAll("_", " ").replaceAll("-", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A file format as people write it: "MP4", "Contact sheet". */
export function formatName(name) {
  return words(name).replace(/^(?:mp4|gif|apng|ora|psd|pdf|html|png)\b/i, (word) => word.toUpperCase())
    .replace(/^Web(.)$/, (_, letter) => `Web${letter.toUpperCase()}`);
}

function camelCase(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
