/** Serves an application as it is developed, and returns its address. */
export async function viteServes(t, vite, root) {
  const server = await vite.createServer({ root, logLevel: "error", server: { port: 0, host: "127.0.0.1" } });
  t.after(() => server.close());
  await server.listen();
  return server.resolvedUrls.local[0];
}
