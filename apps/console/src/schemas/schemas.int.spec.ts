import { describe, expect, it } from '@jest/globals';
import type { ShownSubject, SubjectList } from '../api/schemas.ts';
import { testConsole } from '../console.fixture.ts';

const versions: Readonly<Record<number, object>> = {
  1: { subject: 'users-value', version: 1, id: 4, schema: '"string"' },
  2: { subject: 'users-value', version: 2, id: 7, schema: '{"type":"map","values":"int"}' },
};
const answers: Readonly<Record<string, object>> = {
  '/subjects': ['users-value'],
  '/subjects/users-value/versions': [1, 2],
  '/subjects/users-value/versions/1': versions[1]!,
  '/subjects/users-value/versions/2': versions[2]!,
  '/config/users-value?defaultToGlobal=true': { compatibilityLevel: 'FULL' },
  '/compatibility/subjects/users-value/versions?verbose=true': {
    is_compatible: false,
    messages: ['TYPE_MISMATCH'],
  },
};

describe('the schemas of a read-only console', () => {
  const console = testConsole(() => ({ CONSOLE_READ_ONLY: '1' }));
  const answer = () =>
    console.answers(({ path }) => {
      const body = answers[path];
      return body === undefined
        ? { status: 404, body: { error_code: 40401, message: "Subject 'none' not found." } }
        : { body };
    });

  it('are listed by their subjects', async () => {
    answer();
    expect(await console.first<SubjectList>('/api/schemas/live')).toEqual({
      failure: null,
      subjects: ['users-value'],
      missing: [],
    });
  });

  it('have versions, the newest first, each with the lines that it has changed', async () => {
    answer();
    expect(await console.first<ShownSubject>('/api/schemas/live/users-value')).toEqual({
      failure: null,
      subject: 'users-value',
      compatibility: 'FULL',
      versions: [
        {
          version: 2,
          id: 7,
          type: 'AVRO',
          schema: '{\n  "type": "map",\n  "values": "int"\n}',
          changes: ['-"string"', '+{', '+  "type": "map",', '+  "values": "int"', '+}'],
        },
        { version: 1, id: 4, type: 'AVRO', schema: '"string"', changes: [] },
      ],
      earlierVersions: 0,
    });
  });

  it('are checked without being registered', async () => {
    answer();
    const order = { schema: '"int"', type: 'AVRO' };
    expect(await console.post('/api/schemas/check/users-value', order)).toEqual({
      status: 200,
      body: { accepted: false, reasons: ['TYPE_MISMATCH'] },
    });
    expect(console.acts()).toMatchObject([{ body: { schema: '"int"', schemaType: 'AVRO' } }]);
    expect(await console.post('/api/schemas/check/none', order)).toMatchObject({
      status: 404,
      body: { title: "registry: Subject 'none' not found." },
    });
  });
});
