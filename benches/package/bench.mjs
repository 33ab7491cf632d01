// Prints what a move, a remote change and opening a board cost: `cargo xtask bench-package`.

import assert from "node:assert/strict";
import { moves, plainBoard, SIZES } from "./boards.mjs";
import { Ours, prepared, Raw } from "./kanban.mjs";
import { AutomergeJs, Loro, Yjs } from "./others.mjs";

const STEPS = 600;
/** Everybody gets this many steps in turn, so that a machine that changes its pace slows all of them. */
const TURN = 50;
const OPENINGS = 3;

for (const size of SIZES) {
  const board = plainBoard(size);
  const history = moves(board, size.cards);
  const steps = moves(board, STEPS, 11);
  const more = moves(board, STEPS, 13);
  const kanban = await prepared(board, history, more);
  const kinds = [
    [Raw, kanban],
    [Ours, kanban],
    ...[AutomergeJs, Loro, Yjs].map((kind) => [kind, kind.prepare(board, history, more)]),
  ];
  console.log(`\n${size.name}: ${size.cards} cards in ${size.columns} columns, ${size.cards} moves of history`);
  const rows = new Map(kinds.map(([kind]) => [kind, { opened: [], moved: [], received: [] }]));
  for (let turn = 0; turn < OPENINGS; turn += 1) {
    for (const [kind, made] of kinds) {
      const [instance, took] = timed(() => new kind(made));
      rows.get(kind).opened.push(took);
      instance.free();
    }
  }
  const movers = kinds.map(([kind, made]) => [kind, new kind(made), steps]);
  inTurns(movers, (instance, step) => instance.move(step), (kind) => rows.get(kind).moved);
  const receivers = kinds.map(([kind, made]) => [kind, new kind(made), made.changes]);
  inTurns(receivers, (instance, change) => instance.receive(change), (kind) => rows.get(kind).received);
  check(movers.find(([kind]) => kind === Ours)[1], steps);
  print(rows, kinds);
  for (const [, instance] of [...movers, ...receivers]) instance.free();
}

function inTurns(all, act, rows) {
  for (let at = 0; at < STEPS; at += TURN) {
    for (const [kind, instance, steps] of all) {
      for (const step of steps.slice(at, at + TURN)) rows(kind).push(timed(() => act(instance, step))[1]);
    }
  }
}

function timed(act) {
  const start = performance.now();
  const result = act();
  return [result, performance.now() - start];
}

/** The view that was timed is the board: the last move of each card is where it is shown. */
function check(ours, steps) {
  const last = new Map(steps.map(({ card, column }) => [card, column]));
  const shown = new Map(ours.view.columns.flatMap(({ id, cards }) => cards.map((card) => [card.id, id])));
  for (const [card, column] of last) assert.equal(shown.get(card), column);
}

function print(rows, kinds) {
  const quantile = (times, part) => [...times].sort((a, b) => a - b)[Math.floor((times.length - 1) * part)];
  const us = (times) => `${(quantile(times, 0.5) * 1000).toFixed(0)} µs (p95 ${(quantile(times, 0.95) * 1000).toFixed(0)})`;
  console.log("| | move | remote change | open | saved |\n|---|---|---|---|---|");
  for (const [kind, { moved, received, opened }] of rows) {
    const saved = kinds.find(([it]) => it === kind)[1].bytes.length;
    const open = `${quantile(opened, 0.5).toFixed(0)} ms`;
    console.log(`| ${kind.name} | ${us(moved)} | ${us(received)} | ${open} | ${(saved / 1024).toFixed(0)} KB |`);
  }
}
