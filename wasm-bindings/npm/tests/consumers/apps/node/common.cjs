const kanban = require("kanban-crdt");
const { makeABoard } = require("./board.mjs");

makeABoard(kanban).then(console.log);
