import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Api, InOf, OutOf } from '../schema.ts';
import { decodeResponse, encodeRequest } from '../frames/frame.ts';
import type { Fields } from '../codec.ts';
import { BufferPool } from '../frames/buffer-pool.ts';
import { FrameSplitter } from '../frames/frame-splitter.ts';

/**
 * Sends any request over one connection with our codecs. Requests are pipelined, and responses are
 * matched to them in order.
 */
export class WireClient {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly #splitter = new FrameSplitter({
    frameBytesMax: 200_000_000,
    buffers: new BufferPool({ heldBytesMax: 0 }),
  });
  #waiting: Array<{ resolve: (frame: Buffer) => void; reject: (cause: Error) => void }> = [];
  #correlationId = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#splitter.push(chunk, (frame) => this.#waiting.shift()?.resolve(frame));
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        for (const { reject } of this.#waiting) reject(new Error('the broker closed the connection'));
        this.#waiting = [];
        resolve();
      });
    });
  }

  static async connect({
    host,
    port,
  }: {
    readonly host: string;
    readonly port: number;
  }): Promise<WireClient> {
    const socket = connect(port, host);
    await once(socket, 'connect');
    return new WireClient(socket);
  }

  async send<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    version: number,
    body: InOf<Request>,
    clientId = 'wire-client',
  ): Promise<OutOf<Response>> {
    this.#correlationId += 1;
    const correlationId = this.#correlationId;
    const frame = await this.raw(
      Buffer.concat([...encodeRequest(api, version, { correlationId, clientId }, body)]),
    );
    const response = decodeResponse(api, version, frame);
    if (response.correlationId !== correlationId)
      throw new Error(
        `expected the response to request ${correlationId}, got the one to ${response.correlationId}`,
      );
    return response.body;
  }

  /** Sends bytes unchanged and resolves with the next response. */
  raw(bytes: Buffer): Promise<Buffer> {
    if (this.socket.destroyed) return Promise.reject(new Error('the broker closed the connection'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.socket.write(bytes);
    });
  }

  close(): void {
    this.socket.destroy();
  }
}
