"use strict";
// Shows one of the pictures at a time: by the slider, by the arrow keys, or one after the other as long as each is to be seen.
const pictures = [...document.querySelectorAll("#pictures img")];
const shots = JSON.parse(document.getElementById("shots").textContent);
const play = document.getElementById("play");
const moment = document.getElementById("moment");
const label = document.getElementById("label");
let timer = 0;

function show() {
  const [number] = shots[moment.valueAsNumber];
  pictures.forEach((picture, index) => { picture.hidden = index !== number; });
  label.value = pictures[number].alt;
  moment.setAttribute("aria-valuetext", `${moment.valueAsNumber + 1} / ${shots.length}, ${label.value}`);
}

function pause() {
  clearTimeout(timer);
  timer = 0;
  play.textContent = "▶";
}

function advance() {
  if (moment.valueAsNumber === shots.length - 1) return pause();
  moment.valueAsNumber += 1;
  show();
  timer = setTimeout(advance, shots[moment.valueAsNumber][1]);
}

play.addEventListener("click", () => {
  if (timer) return pause();
  if (moment.valueAsNumber === shots.length - 1) moment.valueAsNumber = 0;
  show();
  play.textContent = "⏸";
  timer = setTimeout(advance, shots[moment.valueAsNumber][1]);
});
moment.addEventListener("input", () => { pause(); show(); });
document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || event.target === moment || event.altKey || event.ctrlKey || event.metaKey) return;
  moment.valueAsNumber += step;
  pause();
  show();
});
document.getElementById("controls").hidden = false;
show();
