// The reference boards, as benches/board_commands has them: titles of 30 characters, descriptions of 120 on
// half of the cards, two labels, and one move of history per card.

export const SIZES = [
  { name: "small", cards: 1_000, columns: 10 },
  { name: "large", cards: 10_000, columns: 50 },
];

const WORDS = "write docs fix login page after update of the relay test sync when tab sleeps again".split(" ");

/** Numbers that look drawn and are the same every time. */
export function dice(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function words(roll, characters) {
  let text = "";
  while (text.length < characters) text += `${WORDS[roll(WORDS.length)]} `;
  return text.slice(0, characters);
}

/** Columns with their cards, as plain values. */
export function plainBoard({ cards, columns }) {
  const roll = dice(1);
  const perColumn = cards / columns;
  return Array.from({ length: columns }, (_, column) => ({
    id: `column${column}-of-the-board`,
    name: `Column ${column}`,
    cards: Array.from({ length: perColumn }, (_, row) => ({
      id: `card${column * perColumn + row}-of-the-board`,
      title: words(roll, 30),
      description: row % 2 === 0 ? words(roll, 120) : "",
      labels: [`label${row % 8}`, `label${8 + (row % 5)}`],
    })),
  }));
}

/** Where a card goes in step `step`: any card to the end of any other column. */
export function moves(board, count, seed = 7) {
  const roll = dice(seed);
  const cards = board.flatMap((column) => column.cards);
  return Array.from({ length: count }, () => ({
    card: cards[roll(cards.length)].id,
    column: board[roll(board.length)].id,
  }));
}
