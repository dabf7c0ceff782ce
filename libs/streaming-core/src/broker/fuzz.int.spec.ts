import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { apiVersions } from '../protocol/apis/handshake.ts';
import { arbitraryBody } from '../protocol/arbitrary-body.fixture.ts';
import { encodeRequest } from '../protocol/frames/frame.ts';
import { knownApis } from '../protocol/known-apis.ts';
import { brokerFixture, type BrokerFixture } from './broker.fixture.ts';

let fixture: BrokerFixture;
const errors: string[] = [];
const ignore = () => undefined;

beforeAll(async () => {
  const note = (fields: object, message: string) =>
    errors.push(`${message}: ${String((fields as { err?: unknown }).err)}`);
  fixture = await brokerFixture({ logger: { debug: ignore, info: ignore, warn: ignore, error: note } });
});
afterAll(() => fixture.stop());

/**
 * Generates well-formed frames of any known API and version with arbitrary contents; `damage`
 * overwrites some bytes after the size.
 */
const frames = fc
  .constantFrom(...knownApis)
  .chain((api) => fc.tuple(fc.constant(api), fc.integer({ min: api.versions.min, max: api.versions.max })))
  .chain(([api, version]) =>
    arbitraryBody(api.request.fields, version).map((body) =>
      encodeRequest(api, version, { correlationId: 1, clientId: 'fuzz' }, body),
    ),
  )
  .map((chunks) => Buffer.concat([...chunks]));

const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });

describe('arbitrary bytes from a peer', () => {
  it('L12 are answered or end the connection, while the broker neither fails nor stops serving', async () => {
    await fc.assert(
      fc.asyncProperty(frames, damage, async (frame, changes) => {
        for (const [at, byte] of changes) frame[4 + (at % (frame.length - 4))] = byte;
        const peer = await fixture.client();
        peer.socket.resume();
        peer.socket.end(frame);
        await peer.closed;
      }),
      { numRuns: 600 },
    );
    const client = await fixture.client();
    expect(
      await client.send(apiVersions, 4, { clientSoftwareName: 'x', clientSoftwareVersion: '1' }),
    ).toMatchObject({ errorCode: 0 });
    expect(errors).toEqual([]);
  });
});
