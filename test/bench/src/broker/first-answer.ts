import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { apiVersions, encodeRequest } from '@millrace/streaming-core/protocol';

const retryMs = 2;
const limitMs = 120_000;

/** Resolves when the server at the address answers ApiVersions. Retries until then. */
export async function firstAnswer(address: { readonly host: string; readonly port: number }): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await answers(address))) {
    if (performance.now() > deadline) throw new Error(`no server answers at ${address.host}:${address.port}`);
    await pause(retryMs);
  }
}

const request = Buffer.concat([
  ...encodeRequest(apiVersions, 0, { correlationId: 1, clientId: 'bench' }, {}),
]);

const answers = ({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.on('connect', () => socket.write(request));
    socket.on('data', () => end(true));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });
