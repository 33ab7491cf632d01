// @y/websocket-server: PORT, and a directory if it is to keep documents.
const [port, directory] = process.argv.slice(2);
Object.assign(process.env, { PORT: port, HOST: "127.0.0.1" });
if (directory) process.env.YPERSISTENCE = directory;
// It says "running at" itself once it listens.
await import("./node_modules/@y/websocket-server/src/server.js");
