import {
  encodeRequest,
  saslAuthenticate,
  saslHandshake,
  WireClient,
  type Api,
  type Fields,
  type InOf,
} from '@millrace/streaming-core/protocol';
import { startSecuredKafka } from '@millrace/testing/kafka';
import type { Address, Tap } from './player.ts';

/**
 * Records handshakes and authentications that Apache Kafka accepts, and some that it rejects. The
 * sessions have none, because the embedded broker does not serve these APIs.
 */
export async function recordSaslFrames(tap: Tap): Promise<void> {
  const kafka = await startSecuredKafka();
  try {
    const [host = '', port = ''] = kafka.bootstrapServers.SASL_PLAINTEXT.split(':');
    const { name, password } = kafka.user;
    const exchanges: readonly Exchange[] = [
      { mechanism: 'PLAIN', token: `\0${name}\0${password}` },
      { mechanism: 'PLAIN', token: `\0${name}\0wrong` },
      { mechanism: 'SCRAM-SHA-256', token: `n,,n=${name},r=recorded-nonce` },
      { mechanism: 'UNKNOWN' },
    ];
    for (const exchange of exchanges) await recordExchange({ host, port: Number(port) }, exchange, tap);
  } finally {
    await kafka.stop();
  }
}

interface Exchange {
  readonly mechanism: string;
  /** The first token, unless the broker rejects the mechanism. */
  readonly token?: string;
}

async function recordExchange(address: Address, { mechanism, token }: Exchange, tap: Tap): Promise<void> {
  for (const version of versionsOf(saslHandshake))
    await onConnection(address, (send) => send(saslHandshake, version, { mechanism }, tap));
  if (token === undefined) return;
  for (const version of versionsOf(saslAuthenticate))
    await onConnection(address, async (send) => {
      await send(saslHandshake, saslHandshake.versions.max, { mechanism });
      await send(saslAuthenticate, version, { authBytes: Buffer.from(token) }, tap);
    });
}

type Send = <Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  version: number,
  body: InOf<Request>,
  tap?: Tap,
) => Promise<void>;

async function onConnection(address: Address, work: (send: Send) => Promise<void>): Promise<void> {
  const client = await WireClient.connect(address);
  try {
    await work(async (api, version, body, tap) => {
      const request = Buffer.concat([
        ...encodeRequest(api, version, { correlationId: 1, clientId: 'differential' }, body),
      ]);
      const response = await client.raw(request);
      tap?.(api as unknown as Api<Fields, Fields>, version, request, response);
    });
  } finally {
    client.close();
  }
}

const versionsOf = ({ versions: { min, max } }: Pick<Api, 'versions'>): readonly number[] =>
  Array.from({ length: max - min + 1 }, (_, index) => min + index);
