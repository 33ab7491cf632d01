import { h, type FunctionalComponent } from "vue";

/** An icon of strokes on a field of 20 by 20, in the colour of the text beside it. */
export function icon(...paths: string[]): FunctionalComponent {
  return () =>
    h(
      "svg",
      {
        class: "icon",
        viewBox: "0 0 20 20",
        width: 20,
        height: 20,
        fill: "none",
        stroke: "currentColor",
        "stroke-width": 1.75,
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
        "aria-hidden": "true",
        focusable: "false",
      },
      paths.map((d) => h("path", { d })),
    );
}
