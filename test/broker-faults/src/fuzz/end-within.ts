import { connect } from 'node:net';

/**
 * Opens one connection for each of these incomplete frames, sends it and ends the connection.
 * Resolves when the broker has closed all of them, with the number that it nevertheless answered.
 */
export async function endWithin(
  { host, port }: { readonly host: string; readonly port: number },
  beginnings: Iterable<Buffer>,
  connections: number,
): Promise<{ readonly tried: number; readonly answered: number }> {
  const queue = beginnings[Symbol.iterator]();
  const counts = { tried: 0, answered: 0 };
  const work = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const answered = await isAnswered(next.value);
      counts.tried += 1;
      if (answered) counts.answered += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  return counts;

  function isAnswered(beginning: Buffer): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let received = 0;
      const socket = connect(port, host, () => socket.end(beginning));
      socket.on('data', (chunk) => (received += chunk.length));
      socket.on('error', (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED' && reject(error));
      socket.on('close', () => resolve(received > 0));
    });
  }
}
