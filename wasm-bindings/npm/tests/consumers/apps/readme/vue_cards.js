import { useBoard } from "kanban-crdt/vue";
import { defineComponent, h } from "vue";
import { draws } from "./drawn.js";

const Card = defineComponent({
  props: ["card"],
  setup: (props) => () => h("li", draws("vue", props.card)),
});

export const Cards = defineComponent({
  props: ["board"],
  setup({ board }) {
    const { view } = useBoard(board);
    return () => h("ul", view.value.columns[0].cards.map((card) => h(Card, { key: card.id, card })));
  },
});
