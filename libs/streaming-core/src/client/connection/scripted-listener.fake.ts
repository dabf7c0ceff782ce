import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Api } from '../../protocol/api.ts';
import { apiVersions } from '../../protocol/apis/api-versions.ts';
import type { Fields } from '../../protocol/field.ts';
import { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import { FrameSplitter } from '../../protocol/frames/frame-splitter.ts';
import { decodeRequest, encodeResponse, readRequestHeader } from '../../protocol/frames/frame.ts';
import type { InOf, OutOf } from '../../protocol/schema.ts';
import { WireReader } from '../../protocol/wire-reader.ts';

/** Answers the requests of one API. `undefined` leaves a request without an answer. */
export interface ScriptedApi {
  readonly api: Api;
  answer(body: never): object | undefined | Promise<object | undefined>;
}

export function scripted<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  answer: (body: OutOf<Request>) => InOf<Response> | undefined | Promise<InOf<Response> | undefined>,
): ScriptedApi {
  return { api: api as unknown as Api, answer: answer as unknown as ScriptedApi['answer'] };
}

/**
 * Listens as a broker that answers as scripted, in the order of the requests of each connection.
 * It serves ApiVersions by itself.
 */
export async function startScriptedListener(apis: readonly ScriptedApi[]) {
  const sockets = new Set<Socket>();
  let opened = 0;
  const versions = scripted(apiVersions, () => ({
    errorCode: 0,
    apiKeys: apis.map(
      ({
        api: {
          key,
          versions: { min, max },
        },
      }) => ({
        apiKey: key,
        minVersion: min,
        maxVersion: max,
      }),
    ),
  }));
  const served = [versions, ...apis];

  async function serve(socket: Socket, frame: Buffer): Promise<void> {
    const { apiKey } = readRequestHeader(new WireReader(frame));
    const { api, answer } = served.find((one) => one.api.key === apiKey)!;
    const { header, body } = decodeRequest(api, frame);
    const response = await answer(body as never);
    if (response === undefined) return;
    const chunks = encodeResponse(api, header.apiVersion, header.correlationId, response as InOf<Fields>);
    socket.write(Buffer.concat([...chunks]));
  }

  const server = createServer((socket) => {
    opened += 1;
    sockets.add(socket.on('error', () => undefined));
    const frames = new FrameSplitter({
      frameBytesMax: 1_000_000,
      buffers: new BufferPool({ heldBytesMax: 0 }),
    });
    let answered: Promise<void> = Promise.resolve();
    socket.on('data', (chunk: Buffer) =>
      frames.push(chunk, (frame) => (answered = answered.then(() => serve(socket, frame)))),
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
