import { createApp } from "vue";
import App from "./App.vue";
import { keepOffline } from "./offline.js";
import { router } from "./router.js";
import { keepClient } from "./session/client.js";
import { keepSending } from "./session/outbox.js";
import { session } from "./session/session.js";
import { applySettings } from "./settings.js";
import "./styles/tokens.css";
import "./styles/base.css";

applySettings();
session.start();
keepClient();
keepSending();
createApp(App).use(router).mount("#app");
keepOffline().catch(reportError);
