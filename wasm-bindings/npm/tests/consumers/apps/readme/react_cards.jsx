import { useBoard } from "kanban-crdt/react";
import { memo } from "react";
import { draws } from "./drawn.js";

const Card = memo(({ card }) => <li>{draws("react", card)}</li>);

export function Cards({ board }) {
  const { columns } = useBoard(board);
  return <ul>{columns[0].cards.map((card) => <Card key={card.id} card={card} />)}</ul>;
}
