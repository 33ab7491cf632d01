// Children that are put in another order keep their focus, caret, composition and scroll position.

import type { Directive } from "vue";

interface Movable {
  moveBefore?: (node: Node, next: Node | null) => void;
}

let moving = 0;

/** Elements that move lose the focus for a moment; that is nobody's decision to stop typing. */
export function isRearranging(): boolean {
  return moving > 0;
}

function move(parent: Element & Movable, node: Node, next: Node | null): void {
  moving += 1;
  try {
    if (parent.moveBefore) parent.moveBefore(node, next);
    else keeping(node, () => Element.prototype.insertBefore.call(parent, node, next));
  } finally {
    moving -= 1;
  }
}

/** For browsers that cannot move an element without taking it out. */
function keeping(node: Node, change: () => void): void {
  const focused = document.activeElement;
  const isField = focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement;
  const selection = isField ? ([focused.selectionStart, focused.selectionEnd] as const) : undefined;
  const scrolled = node instanceof Element ? [...node.querySelectorAll("[data-scrolls]")] : [];
  const tops = scrolled.map((element) => element.scrollTop);
  change();
  scrolled.forEach((element, index) => (element.scrollTop = tops[index] ?? 0));
  if (!(focused instanceof HTMLElement) || !node.contains(focused) || focused === document.activeElement) return;
  focused.focus({ preventScroll: true });
  if (isField && selection) focused.setSelectionRange(...selection);
}

/** Vue moves a child by inserting it elsewhere in the same parent. */
export const vKeepWhileMoving: Directive<HTMLElement> = {
  created(parent) {
    parent.insertBefore = <T extends Node>(node: T, next: Node | null): T => {
      if (node.parentNode === parent) move(parent, node, next);
      else Element.prototype.insertBefore.call(parent, node, next);
      return node;
    };
  },
};
