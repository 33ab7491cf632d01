// The boards of one person, away from the page's thread.

import { serveBoards } from "kanban-crdt";

serveBoards();
