import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeRequest,
  encodeRequest,
  produce,
  servedApis,
  type Api,
} from '@millrace/streaming-core/protocol';
import { encodeBatch } from '@millrace/streaming-core/records';

/** The recording of one API. See `libs/streaming-core/src/protocol/recorded-frames.spec.ts`. */
interface Recording {
  readonly key: number;
  readonly frames: ReadonlyArray<{ readonly request: string }>;
}

const folder = join(import.meta.dirname, '../../../../libs/streaming-core/src/protocol/golden');

/**
 * Every request that Apache Kafka answered when the frames were recorded, without its size field.
 * Leaves out APIs that this broker does not serve.
 */
export function recordedRequests(): readonly Buffer[] {
  const recordings = readdirSync(folder).map(
    (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recording,
  );
  return recordings
    .filter(({ key }) => servedApis.some((api) => api.key === key))
    .flatMap(({ frames }) => frames.map(({ request }) => Buffer.from(request, 'hex').subarray(4)));
}

export interface ReadRequest {
  readonly api: Api;
  readonly version: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export function readRequest(frame: Buffer): ReadRequest {
  const api = servedApis.find(({ key }) => key === frame.readInt16BE()) as Api;
  const { header, body } = decodeRequest(api, frame);
  return { api, version: header.apiVersion, body };
}

/** The requests in the highest version of their API. */
export const inHighestVersion = (requests: readonly Buffer[]): readonly Buffer[] =>
  requests.filter((frame) => readRequest(frame).api.versions.max === frame.readInt16BE(2));

export const topicToFuzz = 'fuzzed';

/** A request that writes these bytes to the topic. */
export const produceRequest = (records: Buffer): Buffer =>
  Buffer.concat([
    ...encodeRequest(
      produce,
      9,
      { correlationId: 1, clientId: 'fuzz' },
      {
        acks: -1,
        timeoutMs: 1_000,
        topicData: [{ name: topicToFuzz, partitionData: [{ index: 0, records }] }],
      },
    ),
  ]).subarray(4);

const value = Buffer.from('value '.repeat(20));
const records = Array.from({ length: 3 }, (_, index) => ({
  key: Buffer.from(`key ${index}`),
  value,
  timestampMs: BigInt(1_700_000_000_000 + index),
  headers: [['header', Buffer.from('of it')] as const],
}));

/** Batches in every codec that our encoder supports, idempotent and not. */
export const sampleBatches: readonly Buffer[] = (['none', 'gzip', 'zstd'] as const).flatMap((codec) => [
  encodeBatch(records, { timestampMs: 1_700_000_000_000n, codec }),
  encodeBatch(records, {
    timestampMs: 1_700_000_000_000n,
    codec,
    producerId: 7n,
    producerEpoch: 0,
    baseSequence: 0,
  }),
]);

/** Batches that are small on the wire but unpack to more than a broker should ever unpack. */
export const bombs: readonly Buffer[] = (['gzip', 'zstd'] as const).map((codec) =>
  encodeBatch([{ value: Buffer.alloc(300_000_000) }], { timestampMs: 1_700_000_000_000n, codec }),
);
