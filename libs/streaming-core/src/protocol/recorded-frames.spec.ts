import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from './frames/frame.ts';
import { knownApis } from './known-apis.ts';

/** The output of `test/conformance/src/differential/record-golden-frames.ts`. */
interface Recording {
  readonly kafka: string;
  readonly key: number;
  readonly frames: ReadonlyArray<{
    readonly version: number;
    readonly request: string;
    readonly response: string;
  }>;
}

const folder = join(import.meta.dirname, 'golden');
const recordings = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recording,
);

describe.each(knownApis)('$name as recorded from Apache Kafka', (api) => {
  const frames = recordings.find(({ key }) => key === api.key)?.frames ?? [];

  it('exists in every version', () => {
    const versions = Array.from(
      { length: api.versions.max - api.versions.min + 1 },
      (_, index) => api.versions.min + index,
    );
    expect([...new Set(frames.map(({ version }) => version))]).toEqual(versions);
  });

  it('L56 decodes and encodes to the same bytes', () => {
    for (const { version, request, response } of frames) {
      expect({ version, request: requestAgain(version, request) }).toEqual({ version, request });
      expect({ version, response: responseAgain(version, response) }).toEqual({ version, response });
    }
  });

  function requestAgain(version: number, hex: string): string {
    const { header, body } = decodeRequest(api, Buffer.from(hex, 'hex').subarray(4));
    return Buffer.concat([...encodeRequest(api, version, header, body)]).toString('hex');
  }

  function responseAgain(version: number, hex: string): string {
    const { correlationId, body } = decodeResponse(api, version, Buffer.from(hex, 'hex'));
    return Buffer.concat([...encodeResponse(api, version, correlationId, body)])
      .subarray(4)
      .toString('hex');
  }
});
