// The picture: dropped, pasted, chosen or the example, and shown.

import { byId } from "./elements.js";
import { guard } from "./status.js";
import { say } from "./words.js";

const EXAMPLE = "fox.png";

export class Source {
  /** `take(file)` is called with every picture that somebody gives. */
  constructor(take) {
    this.image = byId("painting");
    this.words = byId("drop-words");
    this.#listen(byId("file"), byId("drop"), (file) => file && guard(() => take(file)));
  }

  /** Show the chosen picture, or its name where the browser cannot read what the daemon can. */
  show(file, title) {
    const { image, words } = this;
    URL.revokeObjectURL(image.src);
    image.onload = () => { image.hidden = false; words.textContent = say("drop"); };
    image.onerror = () => { image.hidden = true; words.textContent = say("notShown", { name: title }); };
    image.src = URL.createObjectURL(file);
    image.alt = title;
  }

  #listen(input, drop, give) {
    input.addEventListener("click", () => { input.value = ""; }); // the same file may be chosen again
    input.addEventListener("change", () => give(input.files[0]));
    drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      give(event.dataTransfer.files[0]);
    });
    document.addEventListener("paste", (event) => give(event.clipboardData.files[0]));
    byId("example").addEventListener("click", () => guard(async () => {
      const blob = await (await fetch(`/examples/${EXAMPLE}`)).blob();
      give(new File([blob], EXAMPLE, { type: "image/png" }));
    }));
  }
}
