/** How often each card was drawn, by framework. */
export const drawn = { react: {}, vue: {}, svelte: {} };

/** Notes that a framework draws a card, and says what. */
export function draws(framework, card) {
  drawn[framework][card.id] = (drawn[framework][card.id] ?? 0) + 1;
  return card.title;
}
