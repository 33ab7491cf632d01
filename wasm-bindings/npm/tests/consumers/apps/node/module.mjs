import * as kanban from "kanban-crdt";
import { makeABoard } from "./board.mjs";

console.log(await makeABoard(kanban));
