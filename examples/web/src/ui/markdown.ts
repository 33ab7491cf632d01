// Markdown as nodes of the page. Tags in it are only ever text, and what the renderer makes goes through a sanitiser.

import DOMPurify from "dompurify";
import { Marked } from "marked";

export interface MarkdownWording {
  readonly done: string;
  readonly toDo: string;
  readonly image: (text: string) => string;
}

/** Longer texts are shown as they are written: rendering them would hold the page up. */
const RENDERED_MAX = 200_000;
/** Headings stand below those of the place that shows them. */
const HEADING_FIRST = 4;
const HEADING_LAST = 6;

const TAGS = [
  "a", "blockquote", "br", "code", "del", "em", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "span", "strong",
  "table", "tbody", "td", "th", "thead", "tr", "ul",
];
const ATTRIBUTES = ["align", "aria-label", "class", "href", "role", "start", "title"];
const ADDRESSES = /^(?:https?|mailto):/i;

const escaped = (text: string) =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

const sanitiser = DOMPurify(window);
sanitiser.addHook("afterSanitizeAttributes", (element) => {
  if (!(element instanceof HTMLAnchorElement)) return;
  if (!element.hasAttribute("href")) return;
  if (!URL.canParse(element.getAttribute("href") ?? "")) return element.removeAttribute("href");
  element.target = "_blank";
  element.rel = "noopener noreferrer";
});

function rendererIn(words: MarkdownWording): Marked {
  return new Marked({
    gfm: true,
    breaks: true,
    renderer: {
      html: ({ text }) => escaped(text),
      // Nothing is loaded from elsewhere.
      image: ({ href, text }) => `<a href="${escaped(href)}">${escaped(words.image(text))}</a>`,
      checkbox: ({ checked }) =>
        `<span class="box${checked ? " done" : ""}" role="img" aria-label="${escaped(checked ? words.done : words.toDo)}"></span> `,
      heading({ tokens, depth }) {
        const level = Math.min(HEADING_LAST, HEADING_FIRST + depth - 1);
        return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
      },
    },
  });
}

function asWritten(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const paragraph = document.createElement("p");
  paragraph.className = "as-written";
  paragraph.textContent = text;
  fragment.append(paragraph);
  return fragment;
}

export function rendered(text: string, words: MarkdownWording): DocumentFragment {
  if (text.length > RENDERED_MAX) return asWritten(text);
  let html: string;
  try {
    html = rendererIn(words).parse(text, { async: false });
  } catch {
    // Lists in lists in lists, thousands deep, are more than the renderer can follow.
    return asWritten(text);
  }
  return sanitiser.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOWED_URI_REGEXP: ADDRESSES,
    RETURN_DOM_FRAGMENT: true,
  });
}

/** Marks what a pattern finds in texts, though not in links and code. */
export function mark(fragment: DocumentFragment, pattern: RegExp, classOf: (found: string) => string): void {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) {
    const { currentNode } = walker;
    if (currentNode instanceof Text && !currentNode.parentElement?.closest("a, code, pre")) texts.push(currentNode);
  }
  for (const text of texts) {
    const pieces = [...text.data.matchAll(pattern)];
    if (pieces.length > 0) text.replaceWith(...markedPieces(text.data, pieces, classOf));
  }
}

function markedPieces(text: string, found: readonly RegExpMatchArray[], classOf: (found: string) => string): (string | Node)[] {
  const pieces: (string | Node)[] = [];
  let from = 0;
  for (const match of found) {
    const span = document.createElement("span");
    span.className = classOf(match[0]);
    span.textContent = match[0];
    pieces.push(text.slice(from, match.index), span);
    from = (match.index ?? 0) + match[0].length;
  }
  return [...pieces, text.slice(from)];
}
