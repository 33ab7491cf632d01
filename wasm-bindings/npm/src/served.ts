// In a worker: one board, and everything of it that the page is told.

import type { Board } from "./board.js";
import { failureOf } from "./errors.js";
import type { BoardNews, Told } from "./messages.js";
import type { Edit, Question } from "./model.js";
import { parsed, piecesOf, viewOf } from "./pieces.js";
import { ToldViews } from "./text_edits.js";
import { VERSION } from "./version.js";
import { ViewKeeper } from "./view_keeper.js";
import type { Views } from "./views.js";

type News = BoardNews extends infer N ? (N extends BoardNews ? Omit<N, "board"> : never) : never;

export class Served {
  readonly board: Board;
  readonly #tell: (news: News) => void;
  readonly #views: Views | undefined;
  readonly #keeper: ViewKeeper | undefined;
  readonly #told = new ToldViews();
  /** The page shows a kept view, so that nobody should hear that there is no board. */
  #isPictured = false;

  constructor(id: number, board: Board, views: Views | undefined, tell: (news: BoardNews) => void) {
    this.board = board;
    this.#views = views;
    this.#tell = (news) => tell({ ...news, board: id } as BoardNews);
    this.#keeper = views && new ViewKeeper(views, board.url, () => board.view);
  }

  /** Tells how things stand, and from then on what becomes of it. */
  async begin(viewId: string | undefined): Promise<this> {
    const kept = await this.#kept(viewId);
    const { board } = this;
    this.#isPictured = kept.length > 0;
    const { view, status } = board;
    if (view && this.#tellView(kept)) this.#keeper?.has(view);
    else this.#keeper?.changed();
    this.#tell({ type: "opened", url: board.url, status, report: board.importReport });
    board.onStatus((status) => this.#tell({ type: "status", status }));
    board.onOthers((others) => this.#tell({ type: "others", others }));
    board.onError((error) => this.#tell({ type: "error", failure: failureOf(error) }));
    board.follow((change, patch) => {
      if (patch === undefined) this.#tellView([], change);
      else this.#tellPatch(change, patch);
      this.#keeper?.changed();
    });
    return this;
  }

  /** Waits for a board that the page shows and this device has lost. */
  async edit(edit: Edit, seen: number): Promise<string> {
    if (this.#isPictured && !this.board.status.isReady) await this.board.whenReady();
    return JSON.stringify(await this.board.edit(this.#told.rebased(edit, seen)));
  }

  answer(question: Question): string {
    return this.board.answer(JSON.stringify(question));
  }

  async keepView(): Promise<void> {
    await this.#keeper?.keep();
  }

  async forgetView(): Promise<void> {
    await this.#keeper?.forget();
  }

  async close(): Promise<void> {
    const closing = this.board.close();
    await Promise.all([closing, this.keepView()]);
  }

  /** What the page has of it. */
  async #kept(viewId: string | undefined): Promise<readonly string[]> {
    if (viewId === undefined) return [];
    // What cannot be read is told anew.
    const kept = await this.#views?.load(this.board.url).catch(() => undefined);
    return kept?.id === viewId && kept.version === VERSION ? kept.pieces : [];
  }

  #tellPatch(change: Told, patch: string): void {
    if (this.board.view) this.#told.add(this.board.view);
    this.#tell({ type: "change", change, patch });
  }

  /** Tells the whole board, without what the page has; whether it has everything. */
  #tellView(kept: readonly string[], change?: Told): boolean {
    const { view } = this.board;
    if (view === undefined) return false;
    const pieces = piecesOf(view);
    const texts = pieces.map((piece, index) => (piece === kept[index] ? undefined : piece));
    const isKept = pieces.length === kept.length && texts.every((text) => text === undefined);
    // What is done meanwhile is done to what the page shows.
    if (kept.length > 0 && !isKept) this.#told.begin(viewOf(kept.map(parsed)));
    this.#told.add(view);
    for (const text of texts) this.#tell({ type: "piece", text });
    this.#tell({ type: "view", change });
    return isKept;
  }
}
