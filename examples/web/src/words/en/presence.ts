export const presence = {
  guest: "A guest",
  here: (count: number) => (count === 1 ? "1 other person is here" : `${count} other people are here`),
  hereTitle: "Also here",
  onBoard: "looks at the board",
  looking: (name: string) => `${name} has this card open`,
  editing: (name: string) => `${name} is editing this card`,
  dragging: (name: string) => `${name} is moving this card`,
  writing: {
    title: (name: string) => `${name} is changing the title`,
    description: (name: string) => `${name} is writing in the description`,
    comment: (name: string) => `${name} is writing a comment`,
  },
  at: { looking: (card: string) => `looks at “${card}”`, editing: (card: string) => `edits “${card}”`, dragging: (card: string) => `moves “${card}”` },
};
