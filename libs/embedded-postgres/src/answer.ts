import { connect } from 'node:net';

/**
 * An SSLRequest: its length, and its code.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
const question = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Resolves once the server on this loopback port has answered a question that needs no login.
 * Rejects if nothing listens there or the signal aborts. Waits as long as the server is silent.
 */
export async function postgresAnswer(port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', signal });
  socket.write(question);
  for await (const _answer of socket) return;
  throw new Error('PostgreSQL closed the connection without an answer');
}
