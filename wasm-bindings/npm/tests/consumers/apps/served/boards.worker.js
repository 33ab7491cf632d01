import { serveBoards } from "kanban-crdt";

serveBoards();
