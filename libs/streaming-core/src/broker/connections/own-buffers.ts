import { Socket, type SocketConstructorOpts } from 'node:net';

export interface OwnBuffers {
  /** Where the next bytes are read to; asked for before every read. */
  space(): Buffer;
  /** A part of it that was filled, or a chunk of Node's own. Not needed any more when it returns. */
  receive(chunk: Buffer): void;
}

interface Handle {
  useUserBuffer?: unknown;
}

/**
 * The accepted connection as a socket that reads into our buffers: one copy and one allocation less for each 64 KB. Node has this
 * for sockets that connect (`onread`), so the handle of an accepted one moves into a new socket; it has to be paused until then
 * (`pauseOnConnect`). A socket without such a handle is read by its `data` events.
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
