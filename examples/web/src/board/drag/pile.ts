// What follows the pointer while several cards are dragged: the one that was taken, upon another, and how many.

import type { ElementEventPayloadMap } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { setCustomNativeDragPreview } from "@atlaskit/pragmatic-drag-and-drop/element/set-custom-native-drag-preview";
import { language } from "../../settings.js";
import { copyOf } from "./copy.js";
import "./pile.css";

type PreviewEvent = ElementEventPayloadMap["onGenerateDragPreview"];

export function pileOf(element: HTMLElement, count: number): HTMLElement {
  const pile = document.createElement("div");
  const top = copyOf(element);
  const number = document.createElement("span");
  pile.className = "pile";
  top.classList.add("on-top");
  Object.assign(top.style, { position: "relative", transform: "none", width: `${element.offsetWidth}px` });
  number.className = "pile-count";
  number.textContent = new Intl.NumberFormat(language.value).format(count);
  pile.append(top, number);
  return pile;
}

/** The browser takes a picture of it, and it is gone. */
export function previewPile({ nativeSetDragImage, location }: PreviewEvent, element: HTMLElement, count: number): void {
  const { left, top } = element.getBoundingClientRect();
  const { clientX, clientY } = location.current.input;
  setCustomNativeDragPreview({
    nativeSetDragImage,
    getOffset: () => ({ x: clientX - left, y: clientY - top }),
    render: ({ container }) => void container.append(pileOf(element, count)),
  });
}
