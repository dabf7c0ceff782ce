import type { Server } from 'node:http';

/**
 * Accepts no new connections, lets requests in flight finish, and closes keep-alive connections as
 * they become idle (node alone would wait for their timeout). Connections still open after
 * `waitMsMax` are cut.
 */
export async function drainHttp(
  server: Server,
  { waitMsMax, lookEveryMs = 50 }: { waitMsMax: number; lookEveryMs?: number },
): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), lookEveryMs);
  const limit = setTimeout(() => server.closeAllConnections(), waitMsMax);
  server.closeIdleConnections();
  await closed;
  clearInterval(sweep);
  clearTimeout(limit);
}
