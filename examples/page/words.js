// What the page says in words.

/** How things stand with the relay and with this device, as one line and a tone for its colour. */
export function stateInWords({ state, changes, reason, isReady, isReadOnly, isDurable, storageProblem }) {
  const count = changes === 1 ? "1 change" : `${changes} changes`;
  const waits = `${count} wait${changes === 1 ? "s" : ""}`;
  if (state === "refused") return { tone: "bad", text: `Refused: ${reason}` };
  if (state === "offline") {
    if (changes > 0 && storageProblem)
      return { tone: "bad", text: `Offline: ${waits}, and this device keeps nothing` };
    return { tone: "bad", text: changes > 0 ? `Offline: ${waits}` : "Offline" };
  }
  if (!isReady) return { tone: "busy", text: "Opening the board…" };
  if (isReadOnly) return { tone: "busy", text: "You can read this board, not change it" };
  if (changes > 0 && !isDurable)
    return { tone: "bad", text: `${count} not saved: this relay keeps nothing` };
  if (state === "saving") return { tone: "busy", text: `Saving ${count}…` };
  return { tone: "good", text: "All changes saved" };
}

/** Where a card is, for somebody who does not see it. */
export function placeInWords(view, cardId) {
  for (const column of view.columns) {
    const index = column.cards.findIndex((card) => card.id === cardId);
    if (index < 0) continue;
    const { title } = column.cards[index];
    return `“${title}” is in ${column.name}, position ${index + 1} of ${column.cards.length}`;
  }
  return "";
}

/** What to show while there is no board. */
export function waitingInWords({ isMissing }) {
  return isMissing
    ? "Nobody has brought this board to the relay yet. It appears here as soon as somebody does."
    : "Opening the board…";
}
