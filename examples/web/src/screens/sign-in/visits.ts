import { recalled, remember } from "../../settings.js";

const KEY = "kanban.visited";

/** Whether somebody has signed in on this device before: then they sign in, else they sign up. */
export const hasBeenHere = () => recalled(KEY) !== null;
export const noteVisit = () => remember(KEY, "yes");
