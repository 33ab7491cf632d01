import type { Who } from "../../board/authors.js";
import type { Field, FieldValue } from "kanban-crdt/page";

const by = (who: Who) => (who === undefined ? "" : ` by ${who.isMe ? "you" : who.name}`);
/** A time is told when it is known. */
const spaced = (when: string) => (when === "" ? "" : ` ${when}`);
const subject = (who: Who) => (who === undefined ? "Somebody" : who.isMe ? "You" : who.name);

const fieldName: Readonly<Record<Field["field"], string>> = {
  boardName: "board’s name",
  columnName: "name",
  columnColour: "colour",
  columnWipLimit: "card limit",
  labelName: "label’s name",
  labelColour: "label’s colour",
  memberName: "member’s name",
  memberColour: "member’s colour",
  cardTitle: "title",
  cardStart: "start",
  cardDue: "due date",
  cardDone: "done mark",
  cardCover: "cover",
  checklistName: "checklist’s name",
  itemText: "item",
  itemDone: "item’s tick",
  linkUrl: "link’s address",
  linkName: "link’s name",
};

export const card = {
  title: "Title",
  description: "Description",
  descriptionHint: "What is it about? Others see what you write as you write it.",
  labels: "Labels",
  links: "Links",
  comments: "Comments",
  somebody: "Somebody",
  hasDescription: "Has a description",
  ticked: "Done",
  notTicked: "To do",
  checklistDone: (done: number, all: number) => `${done} of ${all} items done`,
  commentCount: (count: number) => (count === 1 ? "1 comment" : `${count} comments`),
  dueState: { overdue: "Overdue", soon: "Due soon", later: "Due", done: "Due, done" },
  inColumn: (column: string) => `In ${column}`,
  moveTo: "Move to",
  move: "Move",
  column: "Column",
  place: "Position",
  placeOf: (place: number, all: number) => `Position ${place} of ${all}`,
  archive: "Archive",
  unarchive: "Take from the archive",
  created: (who: Who, when: string) => `Added${by(who)} ${when}`,
  updated: (who: Who, when: string) => `Changed${by(who)} ${when}`,
  renamedMeanwhile: (title: string) => `Meanwhile it was renamed to “${title}”. Enter sets yours; Escape takes theirs.`,
  deletedBy: (who: Who, when: string) =>
    `${subject(who)} deleted this card${spaced(when)}. What you typed stays here; bring the card back to keep it.`,
  archivedBy: (who: Who, when: string) => `${subject(who)} put this card into the archive${spaced(when)}.`,
  letItGo: "Let it go",
  missingTitle: "There is no such card",
  missingText: "It may have been deleted for good, or its address was cut off where it was copied.",
  fieldName,
  fieldValue: (value: FieldValue) => (value === true ? "yes" : value === false ? "no" : value === "" ? "nothing" : String(value)),
};
