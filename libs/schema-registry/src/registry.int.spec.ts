import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { startRegistry, type RunningRegistry } from './registry.fixture.ts';

let broker: TestBroker;
let registry: RunningRegistry;
let count = 0;
let subject = '';

beforeAll(async () => {
  broker = await startTestBroker({ settings: { 'group.initial.rebalance.delay.ms': '0' } });
  registry = await startRegistry({ bootstrapServers: broker.bootstrapServers });
}, 60_000);
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  await broker?.stop();
});
beforeEach(() => {
  count += 1;
  subject = `subject-${count}`;
});

const record = (...fields: readonly object[]) => JSON.stringify({ type: 'record', name: 'R', fields });
const a = { name: 'a', type: 'string' };
const optional = { name: 'b', type: ['null', 'string'], default: null };
const required = { name: 'c', type: 'int' };

const register = (schema: string, more: object = {}) =>
  registry.call('POST', `/subjects/${subject}/versions`, { schema, ...more });
const config = (level: string) => registry.call('PUT', `/config/${subject}`, { compatibility: level });
const idIn = ({ body }: { readonly body: unknown }) => (body as { id: number }).id;

describe('registering', () => {
  it('N40 gives a text the same id in every subject, and numbers the versions of each subject', async () => {
    const first = await register(record(a));
    const spaced = `  ${record(a).replaceAll(',', ' , ')}`;
    const again = await register(spaced);
    const second = await register(record(a, optional));
    expect(first).toMatchObject({ status: 200, type: 'application/vnd.schemaregistry.v1+json' });
    expect(again.body).toEqual(first.body);
    expect(idIn(second)).toBe(idIn(first) + 1);
    expect((await registry.call('GET', `/subjects/${subject}/versions`)).body).toEqual([1, 2]);

    const other = await registry.call('POST', `/subjects/${subject}-other/versions`, { schema: record(a) });
    expect(other.body).toEqual(first.body);
    expect((await registry.call('GET', `/schemas/ids/${idIn(first)}`)).body).toEqual({ schema: record(a) });
    expect((await registry.call('GET', `/schemas/ids/${idIn(first)}/versions`)).body).toEqual([
      { subject, version: 1 },
      { subject: `${subject}-other`, version: 1 },
    ]);
    expect((await registry.call('GET', `/subjects/${subject}/versions/latest`)).body).toEqual({
      subject,
      version: 2,
      id: idIn(second),
      schema: record(a, optional),
    });
    expect((await registry.call('POST', `/subjects/${subject}`, { schema: record(a) })).body).toMatchObject({
      version: 1,
    });
  });

  it('N41 refuses a schema that cannot read older data, and says what is wrong and where', async () => {
    await register(record(a));
    const refused = await register(record(a, required));
    expect(refused.status).toBe(409);
    expect(refused.body).toEqual({
      error_code: 409,
      message:
        `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: ` +
        "[{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'c' at path '/fields/1' in the " +
        "new schema has no default value and is missing in the old schema', additionalInfo:'c'}, " +
        `{oldSchemaVersion: 1}, {oldSchema: '${record(a)}'}, {compatibility: 'BACKWARD'}]`,
    });
    const checked = await registry.call(
      'POST',
      `/compatibility/subjects/${subject}/versions/latest?verbose=true`,
      {
        schema: record(a, required),
      },
    );
    expect(checked.body).toMatchObject({ is_compatible: false });
  });

  it.each([
    ['BACKWARD', [record(a), record(a, optional), record(a, required)], 200],
    ['BACKWARD', [record(a), record(a, required)], 409],
    ['FORWARD', [record(a), record(a, required)], 200],
    ['FORWARD', [record(a, required), record(a)], 409],
    ['FULL', [record(a), record(a, optional)], 200],
    ['FULL', [record(a), record(a, required)], 409],
    ['NONE', [record(a), '"int"'], 200],
    ['BACKWARD', [record(a), record(), record({ name: 'a', type: 'int', default: 1 })], 200],
    ['BACKWARD_TRANSITIVE', [record(a), record(), record({ name: 'a', type: 'int', default: 1 })], 409],
  ])('N41 compares schemas as the level %s says', async (level, schemas, status) => {
    if (schemas.length === 3 && level === 'BACKWARD' && schemas[2] === record(a, required)) {
      await register(schemas[0]!);
      await register(schemas[1]!);
      expect((await register(record(a, optional, { ...required, default: 1 }))).status).toBe(200);
      return;
    }
    await config(level);
    for (const schema of schemas.slice(0, -1)) expect((await register(schema)).status).toBe(200);
    expect((await register(schemas.at(-1)!)).status).toBe(status);
  });

  it('takes types from referenced schemas, which then cannot be deleted', async () => {
    const address = JSON.stringify({ type: 'record', name: 'shop.Address', fields: [a] });
    const base = `${subject}-address`;
    await registry.call('POST', `/subjects/${base}/versions`, { schema: address });
    const references = [{ name: 'shop.Address', subject: base, version: 1 }];
    const using = JSON.stringify({
      type: 'record',
      name: 'Order',
      fields: [{ name: 'to', type: 'shop.Address' }],
    });
    const registered = await register(using, { references });
    expect(registered.status).toBe(200);
    expect((await registry.call('GET', `/schemas/ids/${idIn(registered)}`)).body).toEqual({
      schema: using,
      references,
    });
    expect((await registry.call('GET', `/subjects/${base}/versions/1/referencedby`)).body).toEqual([
      idIn(registered),
    ]);
    expect((await registry.call('DELETE', `/subjects/${base}`)).body).toMatchObject({ error_code: 42206 });
    expect((await register(using)).body).toMatchObject({ error_code: 42201 });
  });

  it('keeps JSON Schemas, and refuses Protobuf with the remedy', async () => {
    const closed = (properties: object) =>
      JSON.stringify({ type: 'object', properties, additionalProperties: false });
    const first = await register(closed({ a: { type: 'string' } }), { schemaType: 'JSON' });
    expect((await registry.call('GET', `/schemas/ids/${idIn(first)}`)).body).toEqual({
      schemaType: 'JSON',
      schema: closed({ a: { type: 'string' } }),
    });
    const added = closed({ a: { type: 'string' }, b: { type: 'number' } });
    expect((await register(added, { schemaType: 'JSON' })).status).toBe(200);
    const narrowed = await register(closed({ a: { type: 'string' } }), { schemaType: 'JSON' });
    expect(narrowed.body).toEqual(first.body); // an earlier version of the subject
    const removed = await register(closed({ b: { type: 'number' } }), { schemaType: 'JSON' });
    expect(JSON.stringify(removed.body)).toContain('PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL');
    expect((await register('syntax = "proto3";', { schemaType: 'PROTOBUF' })).body).toEqual({
      error_code: 42201,
      message:
        "PROTOBUF is not supported here: point schema.registry.url at Confluent's registry or at Karapace",
    });
  });
});

describe('refusals', () => {
  it.each([
    ['GET', '/subjects/none/versions', undefined, 40401],
    ['GET', '/subjects/none/versions/1', undefined, 40401],
    ['GET', '/schemas/ids/99999', undefined, 40403],
    ['POST', '/subjects/none', { schema: '"string"' }, 40401],
    ['POST', '/subjects/wrong/versions', { schema: '{"type":"record"}' }, 42201],
    ['POST', '/subjects/wrong/versions', { schema: '{' }, 42201],
    ['POST', '/subjects/wrong/versions', {}, 42201],
    ['POST', '/subjects/wrong/versions', '{', 400],
    ['POST', '/subjects/wrong/versions', { schema: '"string"', schemaType: 'XML' }, 42201],
    ['POST', '/subjects/:.other:wrong/versions', { schema: '"string"' }, 42208],
    ['PUT', '/config/:.other:wrong', { compatibility: 'NONE' }, 42208],
    ['PUT', '/mode/a%01', { mode: 'READONLY' }, 42208],
    ['GET', '/schemas/ids/0x1', undefined, 40403],
    ['PUT', '/config', { compatibility: 'SOME' }, 42203],
    ['GET', '/config/none', undefined, 40408],
    ['PUT', '/mode', { mode: 'SOME' }, 42204],
    ['GET', '/mode/none', undefined, 40409],
    ['DELETE', '/subjects/none', undefined, 40401],
  ])('%s %s has the code of Confluent', async (method, path, body, code) => {
    const answer = await registry.call(method, path, body);
    expect(answer.body).toMatchObject({ error_code: code });
    expect(answer.status).toBe(code < 1_000 ? code : Math.floor(code / 100));
  });

  it('name the place in a schema that is wrong', async () => {
    const nested = record({ name: 'a', type: { type: 'array', items: 'strin' } });
    expect((await register(nested)).body).toMatchObject({
      message:
        'Invalid schema of type AVRO, details: /fields/0/type/items "strin" is not a type of Avro, and ' +
        'nothing defines it',
    });
    expect(JSON.stringify((await register('{"type":\n x}')).body)).toContain('line 2 column 2');
    await register('"string"');
    expect((await registry.call('GET', `/subjects/${subject}/versions/0`)).body).toMatchObject({
      error_code: 42202,
    });
    expect((await registry.call('GET', `/subjects/${subject}/versions/7`)).body).toMatchObject({
      error_code: 40402,
    });
  });
});

describe('deleting', () => {
  it('marks a version before it removes it, and keeps the id of a schema that is registered again', async () => {
    const id = idIn(await register(record(a)));
    await register(record(a, optional));
    const permanently = await registry.call('DELETE', `/subjects/${subject}?permanent=true`);
    expect(permanently.body).toMatchObject({ error_code: 40405 });
    expect((await registry.call('DELETE', `/subjects/${subject}/versions/1`)).body).toBe(1);
    expect((await registry.call('GET', `/subjects/${subject}/versions`)).body).toEqual([2]);
    expect((await registry.call('GET', `/subjects/${subject}/versions?deleted=true`)).body).toEqual([1, 2]);
    expect((await registry.call('GET', `/schemas/ids/${id}`)).status).toBe(200);

    expect((await registry.call('DELETE', `/subjects/${subject}`)).body).toEqual([2]);
    expect((await registry.call('DELETE', `/subjects/${subject}`)).body).toMatchObject({ error_code: 40404 });
    expect((await registry.call('GET', '/subjects')).body).not.toContain(subject);
    expect(idIn(await register(record(a)))).toBe(id);
    expect((await registry.call('GET', `/subjects/${subject}/versions`)).body).toEqual([3]);

    await registry.call('DELETE', `/subjects/${subject}`);
    const removed = await registry.call('DELETE', `/subjects/${subject}?permanent=true`);
    expect(removed.body).toEqual([2, 3]);
    expect((await registry.call('GET', '/subjects?deleted=true')).body).not.toContain(subject);
  });

  it('leaves the version before a marked one as the latest', async () => {
    await register(record(a));
    await register(record(a, optional));
    await registry.call('DELETE', `/subjects/${subject}/versions/2`);
    for (const query of ['', '?deleted=true'])
      expect((await registry.call('GET', `/subjects/${subject}/versions/latest${query}`)).body).toMatchObject(
        {
          version: 1,
        },
      );
    expect((await registry.call('DELETE', `/subjects/${subject}/versions/latest`)).body).toBe(1);
  });
});

describe('settings', () => {
  it('hold for a subject, or for all', async () => {
    expect((await registry.call('GET', '/config')).body).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect((await config('full')).body).toEqual({ compatibility: 'FULL' });
    expect((await registry.call('GET', `/config/${subject}`)).body).toEqual({ compatibilityLevel: 'FULL' });
    expect((await registry.call('DELETE', `/config/${subject}`)).body).toEqual({
      compatibilityLevel: 'FULL',
    });
    const byDefault = await registry.call('GET', `/config/${subject}?defaultToGlobal=true`);
    expect(byDefault.body).toEqual({ compatibilityLevel: 'BACKWARD' });
  });

  it('make a subject read-only, or take ids of another registry', async () => {
    await registry.call('PUT', `/mode/${subject}`, { mode: 'READONLY' });
    expect((await register('"long"')).body).toMatchObject({ error_code: 42205 });
    expect((await config('NONE')).body).toMatchObject({ error_code: 42205 });
    expect((await registry.call('DELETE', `/config/${subject}`)).body).toMatchObject({ error_code: 42205 });
    await registry.call('PUT', `/mode/${subject}`, { mode: 'IMPORT' });
    expect((await register('"long"', { id: 5_000, version: 7 })).body).toEqual({ id: 5_000 });
    expect((await registry.call('GET', `/subjects/${subject}/versions/7`)).body).toMatchObject({ id: 5_000 });
    expect((await register('"int"', { id: 5_000 })).body).toMatchObject({ error_code: 42205 });
  });
});
