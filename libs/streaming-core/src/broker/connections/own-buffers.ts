import { Socket, type SocketConstructorOpts } from 'node:net';

interface OwnBuffers {
  /** Returns memory for the next read. Called before every read. */
  space(): Buffer;
  /**
   * Gets the filled part of that memory, or a chunk that Node allocated. The bytes may be reused
   * when it returns.
   */
  receive(chunk: Buffer): void;
}

interface Handle {
  useUserBuffer?: unknown;
}

/**
 * Turns the accepted connection into a socket that reads into our buffers, which saves one copy and
 * one allocation for each 64 KB. Node offers this only for sockets that connect (`onread`), so the
 * handle of an accepted one moves into a new socket. Until then it has to be paused
 * (`pauseOnConnect`). A socket without such a handle is read through its `data` events.
 */
export function readIntoOwnBuffers(accepted: Socket, own: OwnBuffers): Socket {
  const handle = (accepted as Socket & { _handle?: Handle | null })._handle;
  if (typeof handle?.useUserBuffer !== 'function') {
    accepted.on('data', (chunk: Buffer) => own.receive(chunk));
    return accepted.resume();
  }
  const onread = {
    buffer: () => own.space(),
    callback: (bytes: number, buffer: Buffer) => {
      own.receive(buffer.subarray(0, bytes));
      return true;
    },
  };
  return new Socket({ handle, onread } as unknown as SocketConstructorOpts);
}
