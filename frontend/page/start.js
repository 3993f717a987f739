// Shows the plain message of the page when the application cannot start: when it was not loaded, not compiled, or
// did not come in time. A panic of the running application shows the same message by itself.

const PATIENCE_MS = 30000;

const started = () => document.documentElement.hasAttribute("data-started");

const show = () => {
  const message = document.getElementById("broken");
  if (message && !started()) message.hidden = false;
};

// A module or a file that fails to load only tells it in the capture phase.
addEventListener("error", show, true);
addEventListener("unhandledrejection", show);
setTimeout(show, PATIENCE_MS);
