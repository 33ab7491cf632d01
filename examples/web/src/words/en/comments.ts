export const comments = {
  add: "Comment",
  field: "Write a comment",
  hint: "Write a comment; @ mentions somebody",
  editField: "Change the comment",
  menu: "Menu of your comment",
  change: "Change",
  deleted: "Your comment is deleted.",
  none: "Nobody has commented on this card.",
  sendKeys: "Ctrl and Enter send it.",
  mentions: "People to mention",
  mentionCount: (count: number) => (count === 1 ? "1 name; arrow keys choose, Enter takes it" : `${count} names; arrow keys choose, Enter takes one`),
  added: "Comment added",
};
