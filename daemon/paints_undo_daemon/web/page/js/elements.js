// Building elements. Texts are always set as text, never as markup.

export function byId(id) {
  return document.getElementById(id);
}

/** An element: make("button", { type: "button", onclick }, "Cancel"). */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Show a picture in an image that stays what it is; the browser may forget the bytes when it has read them. */
export function showOnce(image, blob) {
  image.src = URL.createObjectURL(blob);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
}

/** Let a browser save bytes under a name. */
export function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
