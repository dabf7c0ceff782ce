import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { millrace } from '../cli.fixture.ts';
import { opsStub, type Asked, type OpsStub, type StubAnswer } from '../ops-stub.fixture.ts';

const event = (...fields: readonly object[]) =>
  JSON.stringify({
    type: 'record',
    name: 'UserEvent',
    fields: [{ name: 'userId', type: 'string' }, ...fields],
  });
const one = { subject: 'user-events-value', version: 1, id: 4, schema: event() };
const two = { ...one, version: 2, id: 7, schema: event({ name: 'age', type: 'int', default: 0 }) };
const path = '/subjects/user-events-value/versions';
const refused = { is_compatible: false, messages: ['READER_FIELD_MISSING_DEFAULT_VALUE: /fields/1'] };

const answers: Readonly<Record<string, StubAnswer>> = {
  'GET /subjects': { body: ['user-events-value'] },
  [`GET ${path}`]: { body: [1, 2] },
  [`GET ${path}/1`]: { body: one },
  [`GET ${path}/2`]: { body: two },
  [`GET ${path}/latest`]: { body: two },
  'GET /config/user-events-value': { body: { compatibilityLevel: 'BACKWARD' } },
  [`POST /compatibility${path}`]: { body: refused },
};
const refusal = { error_code: 40401, message: "Subject 'users' not found." };

describe('millrace schemas', () => {
  let registry: OpsStub;
  const answer = ({ method, path: asked }: Asked) =>
    answers[`${method} ${asked}`] ?? { status: 404, body: refusal };
  beforeEach(async () => (registry = await opsStub(answer)));
  afterEach(() => registry.close());
  const line = (...args: string[]) => ['schemas', ...args, '--url', registry.url];

  it('lists subjects with their latest version and their level', async () => {
    expect((await millrace(line('list'))).out.split('\n')).toEqual([
      'SUBJECT            VERSIONS  LATEST  ID  TYPE  COMPATIBILITY',
      'user-events-value         2       2   7  AVRO  BACKWARD',
    ]);
  });

  it('shows the latest version, or the one that is asked for', async () => {
    const { out } = await millrace(line('show', 'user-events-value'));
    expect(out).toContain('user-events-value version 2, id 7, AVRO\n{\n  "type": "record"');
    expect((await millrace(line('show', 'user-events-value', '1'))).out).toContain('version 1, id 4, AVRO');
  });

  it('shows the lines that differ between versions', async () => {
    const { out } = await millrace(line('diff', 'user-events-value', '1'));
    expect(out).toContain('version 1 -> version 2\n');
    expect(out).toContain('+      "name": "age"');
    expect(await millrace(line('diff', 'user-events-value', '2'))).toMatchObject({
      err: 'versions 2 and 2 are equal',
    });
  });

  it('ends with 1 and the reasons of the registry if a subject refuses a schema', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'schemas-')), 'event.avsc');
    writeFileSync(file, event({ name: 'age', type: 'int' }));

    expect(await millrace(line('check', 'user-events-value', file))).toMatchObject({
      exitCode: 1,
      out: `user-events-value refuses the schema\n${refused.messages[0]}`,
    });
    expect(registry.asked.at(-1)).toMatchObject({ body: { schemaType: 'AVRO' }, query: { verbose: 'true' } });
  });

  it.each([
    [['show', 'users'], 1, "registry: Subject 'users' not found."],
    [['check', 'users', 'absent.avsc'], 2, 'absent.avsc cannot be read'],
  ])('refuses %j', async (args, exitCode, err) => {
    expect(await millrace(line(...args))).toMatchObject({ exitCode, err: expect.stringContaining(err) });
  });
});
