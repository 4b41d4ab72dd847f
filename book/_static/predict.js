// Where a lesson asks for a prediction, the output and its explanation are folded. Opening the output opens the
// explanation under it, and closing closes it; without this script, each opens by itself.
document.addEventListener("toggle", (event) => {
  const cell = event.target.closest?.("details.below-input")?.parentElement;
  for (let next = cell?.nextElementSibling; next; next = next.nextElementSibling) {
    if (next.matches("details.course-explain")) {
      next.open = event.target.open;
      return;
    }
    if (next.matches(".cell, section")) return;
  }
}, true);
