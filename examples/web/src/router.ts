import { createRouter, createWebHistory } from "vue-router";
import { myBoards } from "./session/client.js";
import HomeScreen from "./screens/HomeScreen.vue";

declare module "vue-router" {
  interface RouteMeta {
    /** Shown to people who are not signed in too. */
    isForGuests?: boolean;
  }
}

const BoardScreen = () => import("./screens/BoardScreen.vue");
const JoinScreen = () => import("./screens/JoinScreen.vue");
const NotFoundScreen = () => import("./screens/NotFoundScreen.vue");

/** How addresses of boards looked once: `/#automerge:<id>`. */
const OLD_LINK = /^#automerge(?::|%3A)(\w+)/i;

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", name: "home", component: HomeScreen },
    { path: "/board/:boardId(\\w+)", name: "board", component: BoardScreen },
    { path: "/board/:boardId(\\w+)/card/:cardId([\\w-]+)", name: "card", component: BoardScreen },
    { path: "/join/:boardId(\\w+)", name: "join", component: JoinScreen, meta: { isForGuests: true } },
    { path: "/:unknown(.*)*", name: "not-found", component: NotFoundScreen, meta: { isForGuests: true } },
  ],
});

/** A board is opened while what draws it is fetched. */
router.beforeEach(({ params, meta }) => {
  const boardId = params["boardId"];
  if (typeof boardId === "string" && meta.isForGuests !== true) myBoards.value?.expect(boardId);
});

router.beforeEach((to) => {
  const boardId = to.path === "/" ? OLD_LINK.exec(to.hash)?.[1] : undefined;
  return boardId === undefined ? true : { name: "board", params: { boardId }, replace: true };
});
