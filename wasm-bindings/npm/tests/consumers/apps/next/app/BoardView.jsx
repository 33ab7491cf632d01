"use client";

// Rendered on the server without a board, and in the browser with one.

import { KanbanClient, newId } from "kanban-crdt";
import { useBoard, useBoardStatus } from "kanban-crdt/react";
import { useEffect, useState } from "react";

export function BoardView() {
  const [board, setBoard] = useState();
  useEffect(() => {
    const client = new KanbanClient({ relay: new URLSearchParams(location.search).get("relay") });
    const start = async () => {
      const board = await client.create("Release");
      setBoard(board);
      const column = newId();
      await board.apply({ type: "createColumn", column, name: "To do", at: "last" });
      const card = { type: "createCard", card: newId(), column, at: "last", title: "Write docs", description: "" };
      await board.apply(card);
      await board.whenSaved();
      document.body.dataset.saved = board.url;
    };
    start().catch((error) => (document.body.dataset.failed = String(error)));
    return () => client.close();
  }, []);
  return board ? <Columns board={board} /> : <main>Loading…</main>;
}

function Columns({ board }) {
  const { columns } = useBoard(board);
  const { state } = useBoardStatus(board);
  const lines = columns.map(({ name, cards }) => `${name}: ${cards.map((card) => card.title).join(", ")}`);
  return <main data-state={state}>{lines.join("; ")}</main>;
}
