import { connect } from 'node:net';

export interface Sent {
  answered: number;
  closed: number;
}

/** Sends each frame on a connection of its own and waits until the broker has dealt with it: answered, or closed the connection. */
export async function sendFrames(
  broker: { readonly host: string; readonly port: number },
  frames: Iterable<Buffer>,
  options: { readonly sideBySide: number; readonly counts: Sent; readonly inFlight: Set<Buffer> },
): Promise<void> {
  const { counts, inFlight } = options;
  const queue = frames[Symbol.iterator]();
  const work = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      inFlight.add(next.value);
      if (await isAnswered(broker, next.value)) counts.answered += 1;
      else counts.closed += 1;
      inFlight.delete(next.value);
    }
  };
  await Promise.all(Array.from({ length: options.sideBySide }, work));
}

/** The peer sends nothing more after the frame, so the broker closes the connection when it has answered. */
function isAnswered({ host, port }: { readonly host: string; readonly port: number }, frame: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let received = 0;
    let refused: Error | undefined;
    const socket = connect(port, host, () => socket.end(frame));
    socket.on('data', (chunk) => (received += chunk.length));
    socket.on('error', (error: NodeJS.ErrnoException) => (refused = error.code === 'ECONNREFUSED' ? error : undefined));
    socket.on('close', () => (refused === undefined ? resolve(received > 0) : reject(refused)));
  });
}
