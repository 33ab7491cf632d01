import { createApp } from "vue";
import App from "./App.vue";
import { router } from "./router.js";
import { applySettings } from "./settings.js";
import "./styles/tokens.css";
import "./styles/base.css";

applySettings();
createApp(App).use(router).mount("#app");
