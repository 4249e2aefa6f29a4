// The prediction lies over the ground truth; a slider says how much of it is seen. Without this script they stand side
// by side, and the sliders are hidden.
"use strict";

for (const slider of document.querySelectorAll("input[data-compare]")) {
  const pair = slider.closest(".compare");
  const over = pair.querySelector(".over");
  const show = () => { over.style.clipPath = `inset(0 0 0 ${slider.value}%)`; };
  slider.hidden = false;
  pair.classList.add("stacked");
  slider.addEventListener("input", show);
  show();
}
