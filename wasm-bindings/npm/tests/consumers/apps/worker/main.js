// The page shows what a worker does.

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => {
  if (data.text !== undefined) document.querySelector("main").textContent = data.text;
  else Object.assign(document.body.dataset, data);
};
worker.onerror = (event) => (document.body.dataset.failed = event.message);
worker.postMessage(new URLSearchParams(location.search).get("relay"));
