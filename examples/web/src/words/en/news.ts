const many = (count: number, one: string, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;

export const news = {
  title: "Since you were here",
  since: (when: string) => `Since ${when}:`,
  mentions: (count: number) => many(count, "mention of you", "mentions of you"),
  moves: (count: number) => many(count, "move"),
  comments: (count: number) => many(count, "comment"),
  added: (count: number) => many(count, "new card"),
  others: (count: number) => many(count, "other change"),
  decisions: (count: number) => many(count, "decision on your cards", "decisions on your cards"),
  dueSoon: (count: number) => many(count, "card of yours due soon", "cards of yours due soon"),
  comma: ", ",
  show: "Show",
  seen: "Mark all as seen",
  unread: "Changed since you were here",
};
