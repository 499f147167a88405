// A text that lists names, separated by commas, with the names that there are to choose from below it.

import { make } from "./elements.js";

/**
 * A text field whose names can be switched on and off by buttons. `listNames()` finds them out, when the field is first
 * used; `onText(text)` is called with each change.
 */
export function namesField(value, maxLength, listNames, onText) {
  const text = make("input", { type: "text", value, maxLength: maxLength ?? 4096 });
  const buttons = make("span", { className: "names" });
  let asked = false;

  const listed = () => text.value.split(",").map((name) => name.trim().toLowerCase()).filter(Boolean);
  const press = () => {
    const names = new Set(listed());
    for (const button of buttons.children) button.setAttribute("aria-pressed", String(names.has(button.textContent)));
  };
  const toggle = (name) => {
    const names = new Set(listed());
    if (!names.delete(name)) names.add(name);
    text.value = [...names].join(", ");
    text.dispatchEvent(new Event("change", { bubbles: true }));
  };
  text.addEventListener("change", () => {
    press();
    onText(text.value);
  });
  text.addEventListener("focus", async () => {
    if (asked) return;
    asked = true;
    const names = await listNames();
    buttons.replaceChildren(...names.map((name) => make("button", { type: "button", onclick: () => toggle(name) }, name)));
    press();
  });
  return make("span", { className: "listing" }, text, buttons);
}
