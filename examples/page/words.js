// What the page says in words.

/** The state of the connection and of saving, as one line and a tone for its colour. */
export function stateInWords({ connection, pending, isReadOnly, isDurable }, hasBoard) {
  const changes = pending === 1 ? "1 change" : `${pending} changes`;
  switch (connection.type) {
    case "refused":
      return { tone: "bad", text: `Refused: ${connection.reason}` };
    case "stopped":
      return { tone: "bad", text: "Stopped" };
    case "online":
      if (!hasBoard) return { tone: "busy", text: "Opening the board…" };
      if (isReadOnly) return { tone: "busy", text: "You can read this board, not change it" };
      if (pending > 0 && !isDurable)
        return { tone: "bad", text: `${changes} not saved: this relay keeps nothing` };
      if (pending > 0) return { tone: "busy", text: `Saving ${changes}…` };
      return { tone: "good", text: "All changes saved" };
    default:
      if (pending > 0)
        return { tone: "bad", text: `Offline: ${changes} wait${pending === 1 ? "s" : ""}` };
      if (connection.type === "connecting") return { tone: "busy", text: "Connecting…" };
      return { tone: "bad", text: "Offline" };
  }
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
export function waitingInWords({ document }) {
  return document === "unavailable"
    ? "Nobody has brought this board to the relay yet. It appears here as soon as somebody does."
    : "Opening the board…";
}
