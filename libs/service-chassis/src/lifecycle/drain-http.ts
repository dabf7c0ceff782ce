import type { Server } from 'node:http';

/**
 * Takes no new connection, lets requests in flight finish, and closes keep-alive connections as they fall idle (node closes those only
 * when their own timeout ends). What is still open after `waitMsMax` is cut.
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
