// On a phone the contents of a page open as a sheet over it. A choice leads to its section, so the sheet closes.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('dialog a[href^="#"]');
  if (link) link.closest("dialog").close();
});
