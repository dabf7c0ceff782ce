import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { arbitraryBody } from './arbitrary-body.fixture.ts';
import { hostileCounts } from './hostile-counts.fixture.ts';
import type { Struct } from './schema.ts';
import { knownApis } from './known-apis.ts';
import { WireReader, MalformedRequest } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

const cases = knownApis.flatMap(({ versions, request, response }) =>
  Array.from({ length: versions.max - versions.min + 1 }, (_, index) => versions.min + index).flatMap(
    (version) => [
      { struct: request as Struct, version },
      { struct: response as Struct, version },
    ],
  ),
);

const encode = (struct: Struct, version: number, body: Record<string, unknown>): Buffer => {
  const writer = new WireWriter();
  struct.codec(version).write(writer, body);
  return writer.toBuffer();
};

function caught(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof MalformedRequest ? error.message : `not a MalformedRequest: ${String(error)}`;
  }
}

describe.each(cases)('$struct.name v$version', ({ struct, version }) => {
  const bodies = arbitraryBody(struct.fields, version);

  it('decodes what it encoded and leaves no byte unread', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const reader = new WireReader(encode(struct, version, body));
        expect(struct.codec(version).read(reader)).toEqual(body);
        expect(reader.remaining).toBe(0);
      }),
      { numRuns: 15 },
    );
  });

  it('rejects every truncated body', () => {
    fc.assert(
      fc.property(bodies, fc.nat(), (body, cut) => {
        const whole = encode(struct, version, body);
        const part = whole.subarray(0, cut % Math.max(whole.length, 1));
        if (whole.length > 0)
          expect(() => struct.codec(version).read(new WireReader(part))).toThrow(MalformedRequest);
      }),
      { numRuns: 15 },
    );
  });

  it('L57 rejects every array that announces more items than the remaining bytes can hold', () => {
    for (const { path, body } of hostileCounts(struct.fields, version)) {
      const decode = () => struct.codec(version).read(new WireReader(encode(struct, version, body)));
      expect({ path, refusal: caught(decode) }).toEqual({
        path,
        refusal: expect.stringMatching(/^an array of 2147483646 items does not fit/),
      });
    }
  });

  it('decodes mutated bytes or rejects them as malformed', () => {
    fc.assert(
      fc.property(
        bodies,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (body, changes) => {
          const mutated = encode(struct, version, body);
          for (const [at, byte] of changes) if (mutated.length > 0) mutated[at % mutated.length] = byte;
          try {
            struct.codec(version).read(new WireReader(mutated));
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedRequest);
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});
