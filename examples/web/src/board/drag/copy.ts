/** An element's looks without what makes it found, spoken of or used. */
export function copyOf(element: HTMLElement): HTMLElement {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const part of [copy, ...copy.querySelectorAll<HTMLElement>("*")]) {
    for (const name of ["data-card", "data-column", "data-focus", "id"]) part.removeAttribute(name);
  }
  copy.inert = true;
  copy.ariaHidden = "true";
  return copy;
}
