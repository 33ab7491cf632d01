// A program around a browser's tab with an unmodified automerge-repo client in it.

import { answerLines } from "./lines.mjs";
import { Tab } from "./tab.mjs";
import { startBrowser } from "./browser.mjs";

const [peerId] = process.argv.slice(2);
const browser = await startBrowser();
const tab = await Tab.opens(browser, peerId);
answerLines((what, details) => tab.ask(what, details));
