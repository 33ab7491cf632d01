// Dragging cards with a mouse, a pen or a finger.
//
// The card's element stays where it is until the drop: what moves is a copy above the page, and the
// drop position is a line above it. So the board may change under a drag.

/** How far a press moves before it is a drag. */
const SLOP_PX = 5;
/** How near the edge of the window, or of the board, a drag scrolls it, and how fast. */
const EDGE_PX = 48;
const SCROLL_PX_PER_FRAME = 9;

/** Calls `drop(card, column, before)`; `before` is `undefined` at the end of a column. */
export function makeDraggable(root, drop) {
  let drag;

  root.addEventListener("pointerdown", (event) => {
    const card = event.target.closest("[data-card]");
    if (!card || drag || event.button !== 0 || event.target.closest("button, input")) return;
    // A finger on a card scrolls the page; on the grip it drags.
    if (event.pointerType !== "mouse" && !event.target.closest(".grip")) return;
    const { left, top } = card.getBoundingClientRect();
    drag = {
      card,
      pointer: event.pointerId,
      start: { x: event.clientX, y: event.clientY },
      grabbed: { x: event.clientX - left, y: event.clientY - top },
    };
  });

  root.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    drag.at = { x: event.clientX, y: event.clientY };
    const moved = Math.hypot(drag.at.x - drag.start.x, drag.at.y - drag.start.y);
    if (!drag.copy && moved >= SLOP_PX) begin();
    if (drag.copy) refresh();
  });

  root.addEventListener("pointerup", (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    const { card, target } = drag;
    end();
    if (target) drop(card.dataset.card, target.column, target.before);
  });

  root.addEventListener("pointercancel", end);
  root.addEventListener("lostpointercapture", (event) => {
    // What a finger touched loses it to the board when the drag begins.
    if (event.target === root) end();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
  });

  function begin() {
    root.setPointerCapture(drag.pointer);
    drag.copy = drag.card.cloneNode(true);
    drag.copy.classList.add("copy");
    drag.copy.ariaHidden = "true";
    drag.copy.style.width = `${drag.card.offsetWidth}px`;
    drag.mark = document.createElement("div");
    drag.mark.className = "mark";
    document.body.append(drag.copy, drag.mark);
    drag.card.classList.add("dragged");
    requestAnimationFrame(scroll);
  }

  function end() {
    if (drag?.copy) {
      drag.copy.remove();
      drag.mark.remove();
      drag.card.classList.remove("dragged");
    }
    drag = undefined;
  }

  /** Shows where the card would go, after the pointer or the board moved. */
  function refresh() {
    if (!drag?.copy) return;
    const { at, grabbed, copy, mark } = drag;
    copy.style.transform = `translate(${at.x - grabbed.x}px, ${at.y - grabbed.y}px) rotate(1.5deg)`;
    const column = document.elementFromPoint(at.x, at.y)?.closest("[data-column]");
    mark.hidden = !column;
    if (!column) {
      drag.target = undefined;
      return;
    }
    const list = column.querySelector(".cards");
    const cards = [...list.children].filter((card) => card !== drag.card);
    const boxes = cards.map((card) => card.getBoundingClientRect());
    const index = boxes.findIndex((box) => at.y < box.top + box.height / 2);
    const [above, below] = index < 0 ? [boxes.at(-1), undefined] : [boxes[index - 1], boxes[index]];
    const box = list.getBoundingClientRect();
    const gap =
      above && below ? (above.bottom + below.top) / 2 : (above?.bottom ?? below?.top ?? box.top);
    mark.style.transform = `translate(${box.left}px, ${gap}px)`;
    mark.style.width = `${box.width}px`;
    drag.target = { column: column.dataset.column, before: cards[index]?.dataset.card };
  }

  function scroll() {
    if (!drag?.copy) return;
    const { x, y } = drag.at;
    root.scrollBy(towards(x, root.clientWidth), 0);
    scrollBy(0, towards(y, innerHeight));
    refresh();
    requestAnimationFrame(scroll);
  }

  function towards(at, length) {
    if (at < EDGE_PX) return -SCROLL_PX_PER_FRAME;
    return at > length - EDGE_PX ? SCROLL_PX_PER_FRAME : 0;
  }

  return { refresh };
}
