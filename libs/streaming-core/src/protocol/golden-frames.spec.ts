import { describe, expect, it } from '@jest/globals';
import { apiVersions } from './apis/handshake.ts';
import { heartbeat } from './apis/groups.ts';
import { metadata } from './apis/metadata.ts';
import { decodeResponse, encodeRequest, encodeResponse } from './frames/frame.ts';

const hex = (chunks: readonly Buffer[]) => Buffer.concat([...chunks]).toString('hex');
const bytes = (text: string) => text.replaceAll(/\s/g, '');

const versionsOfItself = { errorCode: 0, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }] };

describe('a frame on the wire', () => {
  it('of a request for ApiVersions v3 is exact to the byte', () => {
    const frame = encodeRequest(
      apiVersions,
      3,
      { correlationId: 1, clientId: 'cl' },
      { clientSoftwareName: 'x', clientSoftwareVersion: '1.0' },
    );
    expect(hex(frame)).toBe(bytes('00000014 0012 0003 00000001 0002 636c 00 02 78 04 312e30 00'));
  });

  it('of ApiVersions v3 has response header v0', () => {
    const frame = bytes('00000013 00000001 0000 02 0012 0000 0004 00 00000000 00');
    expect(hex(encodeResponse(apiVersions, 3, 1, versionsOfItself))).toBe(frame);
    const { correlationId, body } = decodeResponse(apiVersions, 3, Buffer.from(frame, 'hex').subarray(4));
    expect(correlationId).toBe(1);
    expect(body).toMatchObject({ ...versionsOfItself, finalizedFeaturesEpoch: -1n, supportedFeatures: [] });
  });

  it('of ApiVersions v4 has the features in its tag section', () => {
    const frame = encodeResponse(apiVersions, 4, 1, {
      ...versionsOfItself,
      supportedFeatures: [{ name: 'transaction.version', minVersion: 0, maxVersion: 2 }],
      finalizedFeaturesEpoch: 1n,
      finalizedFeatures: [{ name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 }],
    });
    expect(hex(frame)).toBe(
      bytes(`00000055000000010000020012000000040000000000 03 001a 02147472616e73616374696f6e2e76657273696f6e0000000200
        0108 0000000000000001 021a 02147472616e73616374696f6e2e76657273696f6e0002000200`),
    );
  });

  it('that answers an unknown version of ApiVersions has body v0 and error 35', () => {
    const frame = encodeResponse(apiVersions, 0, 1, { ...versionsOfItself, errorCode: 35 });
    expect(hex(frame)).toBe(bytes('00000010 00000001 0023 00000001 0012 0000 0004'));
  });

  it('of a request for Metadata v12 is exact to the byte', () => {
    const frame = encodeRequest(
      metadata,
      12,
      { correlationId: 2, clientId: 'cl' },
      { topics: [{ name: 't' }], allowAutoTopicCreation: true },
    );
    expect(hex(frame)).toBe(
      bytes('00000024 0003 000c 00000002 0002 636c 00 02 00000000000000000000000000000000 02 74 00 01 00 00'),
    );
  });

  it('of Metadata v12 is exact to the byte', () => {
    const frame = encodeResponse(metadata, 12, 2, {
      brokers: [{ nodeId: 1, host: '127.0.0.1', port: 9092 }],
      clusterId: 'c',
      controllerId: 1,
      topics: [
        {
          errorCode: 0,
          name: 't',
          topicId: '01234567-89ab-cdef-0123-456789abcdef',
          partitions: [
            {
              errorCode: 0,
              partitionIndex: 0,
              leaderId: 1,
              leaderEpoch: 0,
              replicaNodes: [1],
              isrNodes: [1],
            },
          ],
        },
      ],
    });
    expect(hex(frame)).toBe(
      bytes(`0000005b 00000002 00 00000000 02 00000001 0a 3132372e302e302e31 00002384 00 00 02 63 00000001 02 0000 02 74
        0123456789abcdef0123456789abcdef 00 02 0000 00000000 00000001 00000000 02 00000001 02 00000001 01 00 80000000 00 00`),
    );
  });

  it('of Heartbeat is exact in a flexible and in an older version', () => {
    expect(hex(encodeResponse(heartbeat, 4, 9, { errorCode: 27 }))).toBe(
      bytes('0000000c 00000009 00 00000000 001b 00'),
    );
    expect(hex(encodeResponse(heartbeat, 3, 9, { errorCode: 27 }))).toBe(
      bytes('0000000a 00000009 00000000 001b'),
    );
  });
});
