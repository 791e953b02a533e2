// Serves as Deno and Bun do it themselves, and prints the port; elsewhere somebody else serves.
export function serve(handle) {
  const options = { port: 0, hostname: '127.0.0.1' };
  const onListen = ({ port }) => console.log(port);
  if (globalThis.Deno) globalThis.Deno.serve({ ...options, onListen }, handle);
  else if (globalThis.Bun) onListen(globalThis.Bun.serve({ ...options, fetch: handle }));
}
