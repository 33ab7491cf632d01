// Keeps the app on this device, so that it opens offline. `VERSION` and `FILES` are written in front by the build.
/* global VERSION, FILES */

const PREFIX = "kanban-app-";
const CACHE = `${PREFIX}${VERSION}`;
const PAGE = "/";

const isNamedAfterContents = (path) => path.startsWith("/assets/");

/** What an older version has under the same name of contents need not come again. */
async function fetched(path) {
  const known = isNamedAfterContents(path) ? await caches.match(path) : undefined;
  if (known) return known;
  const response = await fetch(path, { cache: "reload" });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}

async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all(FILES.map(async (path) => cache.put(path, await fetched(path))));
}

/** The tabs of an older version are closed, or have asked for this one. */
async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(request, path) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const isOurs = origin === location.origin && request.method === "GET";
  if (!isOurs || /^\/(api|sync|health|ready)(\/|$)/.test(pathname)) return;
  // Every address of the app is the same page.
  if (request.mode === "navigate") event.respondWith(answer(request, PAGE));
  else if (FILES.includes(pathname)) event.respondWith(answer(request, pathname));
});
