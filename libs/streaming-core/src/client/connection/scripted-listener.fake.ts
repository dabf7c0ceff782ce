import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Api, InOf, OutOf } from '../../protocol/schema.ts';
import { apiVersions } from '../../protocol/apis/handshake.ts';
import type { Fields } from '../../protocol/codec.ts';
import { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import { FrameSplitter } from '../../protocol/frames/frame-splitter.ts';
import { decodeRequest, encodeResponse, readRequestHeader } from '../../protocol/frames/frame.ts';
import { WireReader } from '../../protocol/wire-reader.ts';

/** A request as it arrived. */
export interface ScriptedRequest {
  readonly correlationId: number;
  readonly socket: Socket;
}

/** Answers the requests of one API. `undefined` leaves a request without an answer. */
export interface ScriptedApi {
  readonly api: Api;
  /** The newest version that the broker claims to support. */
  readonly versionMax: number;
  answer(body: never, request: ScriptedRequest): object | undefined | Promise<object | undefined>;
}

export function scripted<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  answer: (
    body: OutOf<Request>,
    request: ScriptedRequest,
  ) => InOf<Response> | undefined | Promise<InOf<Response> | undefined>,
  versionMax = api.versions.max,
): ScriptedApi {
  return {
    api: api as unknown as Api,
    versionMax,
    answer: answer as unknown as ScriptedApi['answer'],
  };
}

export interface ListenerHooks {
  /** Called with each request when it arrives, even if it is answered later. */
  arrived?(apiKey: number, body: unknown): void;
  /** Delays every answer until it resolves. */
  held?(): Promise<void> | undefined;
}

/**
 * Listens as a broker that answers as scripted, and serves the requests of a connection one after
 * another. It also serves ApiVersions. Like a broker, it stops serving a connection that is closed.
 */
export async function startScriptedListener(apis: readonly ScriptedApi[], hooks: ListenerHooks = {}) {
  const sockets = new Set<Socket>();
  let opened = 0;
  const versions = scripted(apiVersions, () => ({
    errorCode: 0,
    apiKeys: apis.map(
      ({
        api: {
          key,
          versions: { min },
        },
        versionMax,
      }) => ({
        apiKey: key,
        minVersion: min,
        maxVersion: versionMax,
      }),
    ),
  }));
  const served = [versions, ...apis];

  async function serve(socket: Socket, frame: Buffer, answered: Promise<void>): Promise<void> {
    const { apiKey } = readRequestHeader(new WireReader(frame));
    const { api, answer } = served.find((one) => one.api.key === apiKey)!;
    const { header, body } = decodeRequest(api, frame);
    hooks.arrived?.(apiKey, body);
    await answered;
    await hooks.held?.();
    if (socket.destroyed) return;
    const { apiVersion, correlationId } = header;
    const response = await answer(body as never, { correlationId, socket });
    if (response === undefined) return;
    const chunks = encodeResponse(api, apiVersion, correlationId, response as InOf<Fields>);
    socket.write(Buffer.concat([...chunks]));
  }

  const server = createServer((socket) => {
    opened += 1;
    sockets.add(socket.on('error', () => undefined));
    const frames = new FrameSplitter({
      frameBytesMax: 10_000_000,
      buffers: new BufferPool({ heldBytesMax: 0 }),
    });
    let answered: Promise<void> = Promise.resolve();
    socket.on('data', (chunk: Buffer) =>
      frames.push(chunk, (frame) => (answered = serve(socket, frame, answered))),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: '127.0.0.1', port },
    /** The number of connections that were opened. */
    get opened() {
      return opened;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export type ScriptedListener = Awaited<ReturnType<typeof startScriptedListener>>;
