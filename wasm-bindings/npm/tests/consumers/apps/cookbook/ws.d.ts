// Of `ws` the recipes need no more.
declare module "ws" {
  const it: typeof WebSocket;
  export default it;
}
