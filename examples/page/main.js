// Opens the board that the address names, or makes one, and puts the parts of the page together.

import { BoardScreen } from "./board.js";
import { KanbanClient } from "./kanban-crdt/browser.js";
import { placeInWords, stateInWords, waitingInWords } from "./words.js";

const element = (id) => document.getElementById(id);

addEventListener("hashchange", () => location.reload());

/** The deletion that the notice offers to undo, if it does. */
let deletion;
const client = new KanbanClient({ relay: new URL("sync", location.href.split("#")[0]) });
const board = await openBoard();
const screen = new BoardScreen(element("board"), element("name"), { carryOut, say });
board.subscribe(show);
board.onStatus(show);
show();

element("copy").addEventListener("click", copyLink);

/** The board whose address is in the link, or a new one, whose address goes there. */
async function openBoard() {
  const address = decodeURIComponent(location.hash.slice(1));
  if (address) return join(address);
  const created = await client.create("Our board");
  for (const name of ["To do", "Doing", "Done"]) {
    const column = name.toLowerCase().replace(" ", "-");
    await created.apply({ type: "createColumn", column, name, at: "last" });
  }
  history.replaceState(null, "", `#${created.url}`);
  return created;
}

async function join(address) {
  try {
    return await client.open(address);
  } catch (error) {
    element("state").textContent = "Not a board";
    const words =
      error.code === "invalid-argument"
        ? `The link is damaged: ${error.message}. Ask for it again.`
        : error.message;
    notice(words);
    throw error;
  }
}

/** Carries out a command; resolves with whether it was taken. */
async function carryOut(command, undo) {
  try {
    await board.apply(command);
  } catch (error) {
    notice(error.message);
    // It is on the board, and goes to the relay.
    return error.code === "storage";
  }
  notice(undo?.text ?? "", undo?.command);
  return true;
}

function show() {
  const { view, status } = board;
  const state = stateInWords(status);
  element("state").textContent = state.text;
  element("state").dataset.tone = state.tone;
  element("state").title = status.storageProblem ?? status.reason ?? "";
  // Somebody else may have brought the card back.
  if (deletion && view && placeInWords(view, deletion.card) !== "") notice("");
  if (!view) return screen.showNothing(waitingInWords(status));
  screen.show(view);
  element("board").dataset.heads = board.ask({ type: "heads" }).join(" ");
}

/** Tells where a card is now, for people who do not see it. */
function say(cardId) {
  element("said").textContent = placeInWords(board.view, cardId);
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
