// Shows the plain message of the page when the application cannot start: when it was not loaded or not compiled. A panic
// of the running application shows the same message by itself. Of what only takes long, it says just that.

const PATIENCE_MS = 30000;

const started = () => document.documentElement.hasAttribute("data-started");

const show = () => {
  const message = document.getElementById("broken");
  if (message && !started()) message.hidden = false;
};

// A module or a file that fails to load only tells it in the capture phase.
addEventListener("error", show, true);
addEventListener("unhandledrejection", show);
setTimeout(() => {
  const message = document.getElementById("starting");
  if (message) message.textContent = "Colloquy is still starting. If nothing comes, reload the page.";
}, PATIENCE_MS);

// A server on another origin has no cookie for this page. It hands over a session behind the `#` of the address that it
// is asked to come back to, with a word that nobody else knows; the tab that asked hears of it from the one it opened.
const signIn = () => {
  const word = (sessionStorage.colloquyWord ??= crypto.randomUUID());
  const [here, handed] = location.href.split("#");
  const take = (text) => {
    const session = text?.split(`login=${word}.`)[1];
    if (session) sessionStorage.colloquySession = session;
    window.colloquySession = sessionStorage.colloquySession;
  };
  window.colloquyBack = "?back=" + encodeURIComponent(`${here}#login=${word}.`);
  const tabs = new BroadcastChannel("colloquy");
  tabs.onmessage = ({ data }) => take(data);
  take(handed);
  if (handed?.startsWith("login=")) {
    tabs.postMessage(handed);
    history.replaceState(null, "", here);
  }
};
try {
  if (document.querySelector("meta[name=colloquy-api]")?.content) signIn();
} catch {
  // A page without a memory of its own signs in at its server's origin alone.
}
