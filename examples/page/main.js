// Opens the board that the address names, or makes one, and puts the parts of the page together.

import { BoardScreen } from "./board.js";
import init, { BoardClient, newDocumentUrl } from "./kanban.js";
import { Link, now } from "./link.js";
import { placeInWords, stateInWords, waitingInWords } from "./words.js";

const element = (id) => document.getElementById(id);

addEventListener("hashchange", () => location.reload());

await init({ module_or_path: new URL("kanban_bg.wasm", import.meta.url) });
let isSaved = true;
/** The deletion that the notice offers to undo, if it does. */
let deletion;
const client = openBoard();
const socketUrl = new URL("sync", location.href.split("#")[0]);
socketUrl.protocol = location.protocol === "https:" ? "wss:" : "ws:";

const screen = new BoardScreen(element("board"), element("name"), { carryOut, say });
const link = new Link(client, socketUrl, show);

addEventListener("beforeunload", (event) => {
  // The page keeps nothing: what the relay has not stored is lost with the window.
  if (!isSaved) event.preventDefault();
});
element("copy").addEventListener("click", copyLink);

/** The board whose address is in the link, or a new one, whose address goes there. */
function openBoard() {
  const actor = crypto.getRandomValues(new Uint8Array(16));
  const [seed] = crypto.getRandomValues(new Uint32Array(1));
  const address = decodeURIComponent(location.hash.slice(1));
  if (address) return join(address, actor, seed);
  const url = newDocumentUrl(crypto.getRandomValues(new Uint8Array(16)));
  const created = BoardClient.create(url, "Our board", actor, undefined, seed, now());
  for (const name of ["To do", "Doing", "Done"]) {
    const column = name.toLowerCase().replace(" ", "-");
    created.apply(JSON.stringify({ type: "createColumn", column, name, at: "last" }), now());
  }
  history.replaceState(null, "", `#${url}`);
  return created;
}

function join(address, actor, seed) {
  try {
    return BoardClient.join(address, actor, undefined, seed);
  } catch (error) {
    element("state").textContent = "Not a board";
    notice(`The link is damaged: ${error.message}. Ask for it again.`);
    throw error;
  }
}

/** Carries out a command and returns whether it was taken. */
function carryOut(command, undo) {
  try {
    link.apply(command);
  } catch (error) {
    notice(error.message);
    return false;
  }
  notice(undo?.text ?? "", undo?.command);
  return true;
}

function show() {
  const status = JSON.parse(client.status());
  const json = client.view();
  const view = json === undefined ? undefined : JSON.parse(json);
  const state = stateInWords(status, view !== undefined);
  element("state").textContent = state.text;
  element("state").dataset.tone = state.tone;
  element("state").title = status.problem ?? "";
  element("board").dataset.heads = client.heads().join(" ");
  isSaved = status.pending === 0;
  // Somebody else may have brought the card back.
  if (deletion && view && placeInWords(view, deletion.card) !== "") notice("");
  if (view) screen.show(view);
  else screen.showNothing(waitingInWords(status));
}

/** Tells where a card is now, for people who do not see it. */
function say(cardId) {
  element("said").textContent = placeInWords(JSON.parse(client.view()), cardId);
}

/** Shows a line above the board, with a button for `undo` if there is such a command. */
function notice(text, undo) {
  deletion = undo;
  const line = element("notice");
  line.replaceChildren(text);
  line.hidden = text === "";
  if (!undo) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Undo";
  button.addEventListener("click", () => carryOut(undo));
  line.append(" ", button);
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    element("copy").textContent = "Link copied";
  } catch {
    // Clipboards need HTTPS or localhost; the address bar always works.
    notice("Copy the address of this page: whoever opens it sees this board.");
  }
}
