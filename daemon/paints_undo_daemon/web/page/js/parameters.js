// The request's settings, built from what the daemon says of its engines: names, ranges, defaults, choices, help. Nothing
// of it is repeated here.

import { make } from "./elements.js";
import { say } from "./words.js";

const READY = "ENGINE_STATE_READY";
const ELSEWHERE = new Set(["engine", "stop_after", "tags.text", "keyframes.operation_steps", "keyframes.own", "keyframes.seeds"]);

export class Parameters {
  constructor(place, onEngine) {
    this.place = place;
    this.onEngine = onEngine;
    this.values = {};
  }

  /** Take over what the daemon says, or another language. */
  show(info) {
    this.info = info;
    this.engine ??= info.recommendedEngine;
    const engines = make("select", { onchange: (event) => this.choose(event.target.value) });
    for (const { name, state } of info.engines) {
      engines.append(new Option(name, name, false, name === this.engine));
      engines.lastChild.disabled = state !== READY;
    }
    const missing = info.engines.filter(({ state }) => state !== READY)
      .map(({ name, message }) => make("p", {}, say("engineMissing", { engine: name, reason: message ?? "" })));
    this.place.replaceChildren(line(say("engine"), engines), ...missing, ...this.#groups());
  }

  /** Choose an engine; its values are kept. */
  choose(engine) {
    this.engine = engine;
    this.show(this.info);
    this.onEngine();
  }

  get chosen() {
    return this.info.engines.find(({ name }) => name === this.engine);
  }

  /** The parameters of a request, as the protocol's JSON. */
  request() {
    const request = { engine: this.engine };
    for (const [field, value] of Object.entries(this.values[this.engine] ?? {})) {
      const path = field.split(".").map(camelCase);
      let group = request;
      for (const name of path.slice(0, -1)) group = group[name] ??= {};
      group[path.at(-1)] = value;
    }
    return request;
  }

  #groups() {
    const groups = new Map();
    for (const parameter of this.chosen.parameters) {
      if (ELSEWHERE.has(parameter.field)) continue;
      const group = parameter.group || parameter.field.split(".").at(-2) || say("settings");
      groups.set(group, [...(groups.get(group) ?? []), parameter]);
    }
    return [...groups].map(([group, parameters]) => make(
      "details", {}, make("summary", {}, say("more_settings", { group: words(group) })),
      ...parameters.map((parameter) => this.#control(parameter)),
    ));
  }

  #control(parameter) {
    const { field, defaultValue = "", choices = [], help = "" } = parameter;
    const held = this.values[this.engine]?.[field];
    const set = (value) => {
      const values = this.values[this.engine] ??= {};
      if (value === undefined) delete values[field];
      else values[field] = value;
    };
    const label = parameter.label || words(field.split(".").at(-1));
    if (choices.length) {
      const select = make("select", { onchange: () => set(enumName(parameter, select.value)) });
      for (const choice of choices) {
        select.append(new Option(words(choice), choice, choice === defaultValue, (held ?? enumName(parameter, defaultValue)) === enumName(parameter, choice)));
      }
      return line(label, select, help);
    }
    if (["true", "false"].includes(defaultValue.toLowerCase())) {
      const box = make("input", { type: "checkbox", checked: held ?? defaultValue.toLowerCase() === "true", onchange: () => set(box.checked) });
      return line(label, box, help);
    }
    if (parameter.maxLength) {
      const text = make("input", { type: "text", value: held ?? defaultValue, maxLength: parameter.maxLength, onchange: () => set(text.value) });
      return line(label, text, help);
    }
    const number = make("input", { type: "number", value: held ?? defaultValue, step: parameter.multipleOf || "any" });
    if (!parameter.zeroMeans && parameter.minimum !== undefined) number.min = String(parameter.minimum);
    if (parameter.maximum !== undefined) number.max = String(parameter.maximum);
    number.addEventListener("change", () => set(number.value === "" ? undefined : Number(number.value)));
    return line(label, number, help || (parameter.zeroMeans ? `0: ${parameter.zeroMeans}` : ""));
  }
}

function line(label, control, help = "") {
  return make("label", { className: "parameter" }, make("span", {}, label), control, help ? make("small", {}, help) : null);
}

function enumName({ enumPrefix = "" }, choice) {
  return enumPrefix ? `${enumPrefix}${choice.toUpperCase().replaceAll("-", "_")}` : choice;
}

function words(name) {
  const text = name.replaceAll("_", " ").replaceAll("-", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function camelCase(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
