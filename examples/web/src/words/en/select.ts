const cards = (count: number) => (count === 1 ? "1 card" : `${count} cards`);

export const select = {
  choose: "Select cards",
  bar: "Selected cards",
  count: (count: number) => `${cards(count)} selected`,
  hint: "Click cards to select them",
  selected: "Selected",
  clear: "End selection",
  cleared: "Nothing is selected any more",
  move: "Move",
  moveTo: "Move to",
  label: "Label",
  assign: "Assign",
  noLabels: "The board has no labels",
  noMembers: "The board lists nobody",
  archive: "Archive",
  delete: "Delete",
  moved: (count: number, column: string) => `${cards(count)} moved to “${column}”.`,
  labelled: (count: number, label: string) => `${cards(count)} labelled “${label}”.`,
  assigned: (count: number, member: string) => `${cards(count)} assigned to ${member}.`,
  archived: (count: number) => `${cards(count)} archived.`,
  deleted: (count: number) => `${cards(count)} deleted.`,
};
