export const markdown = {
  edit: "Edit the description",
  add: "Add a description",
  finish: "Done",
  hint: "Markdown works: **bold**, - lists, - [ ] tasks, `code`.",
  opensElsewhere: "opens in a new tab",
  image: (text: string) => (text === "" ? "Image" : `Image: ${text}`),
};
