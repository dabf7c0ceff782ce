import { beforeEach, describe, expect, it } from '@jest/globals';
import { registryRoutes } from './http/routes.ts';
import { Registry } from './registry.ts';
import { schemaRecord, type SchemaRecord, type SchemaVersion } from './store/schema-records.ts';
import { SchemaTable } from './store/schema-table.ts';

let written: readonly SchemaRecord[];
let table: SchemaTable;
let registry: Registry;
beforeEach(() => {
  written = [];
  [table, registry] = open([]);
});

/** A registry that has read these records and writes its own to `written`. */
function open(records: readonly SchemaRecord[]): [SchemaTable, Registry] {
  const opened = new SchemaTable();
  const append = (record: SchemaRecord) => opened.apply(record);
  records.forEach(append);
  const write = (decide: () => readonly SchemaRecord[]) => {
    const decided = decide();
    written = [...written, ...decided];
    decided.forEach(append);
    return Promise.resolve();
  };
  return [opened, new Registry({ table: opened, writer: { write } })];
}

const have = (versions: readonly Partial<SchemaVersion>[]) =>
  versions.forEach((each) =>
    table.apply(
      schemaRecord({ subject: 's', version: 1, id: 1, schema: '"string"', deleted: false, ...each }),
    ),
  );

describe('with 20,000 subjects', () => {
  const subjects = Array.from({ length: 20_000 }, (_, index) => `s-${index}`);

  it('lists those that are deleted at once', () => {
    have(subjects.map((subject, index) => ({ subject, deleted: index % 2 === 0 })));
    const identity = { clusterId: '', groupId: '', version: '' };
    const route = registryRoutes(registry, identity).find(({ path }) => path === '/subjects')!;
    expect(route.answer({ params: {}, query: { deletedOnly: 'true' }, body: undefined })).toHaveLength(
      10_000,
    );
  }, 30_000);

  it('deletes one with 1,000 versions at once, and none that another one refers to', async () => {
    have(subjects.map((subject) => ({ subject })));
    have(Array.from({ length: 1_000 }, (_, index) => ({ subject: 's-7', version: index + 1 })));
    have([{ subject: 'user', id: 2, references: [{ name: 'a', subject: 's-7', version: 900 }] }]);
    await expect(registry.deleteSubject('s-7', false)).rejects.toMatchObject({ code: 42206 });
    await registry.deleteSubject('user', false);
    expect(await registry.deleteSubject('s-7', false)).toHaveLength(1_000);
  }, 30_000);
});

describe('an id and a version in the request', () => {
  it.each([
    ['another id', { id: 9 }, 42205],
    ['an old version', { version: 1 }, 42201],
    ['a version that leaves out others', { version: 7 }, 42201],
  ])('are refused outside of the mode IMPORT: %s', async (_what, numbers, code) => {
    have([{}]);
    const wanted = registry.register('s', { schema: '"bytes"', ...numbers }, false);
    await expect(wanted).rejects.toMatchObject({ code });
    expect(written).toEqual([]);
    const asked = { schema: '"string"', ...numbers };
    expect(registry.registeredId('s', asked, false)).toBe(
      'version' in numbers && numbers.version === 1 ? 1 : undefined,
    );
  });

  it('find a schema that is registered with them', async () => {
    have([{}]);
    expect(await registry.register('s', { schema: '"string"', id: 1, version: 1 }, false)).toBe(1);
    expect(written).toEqual([]);
  });

  it('follow no number that needs more than 32 bits', async () => {
    have([{ id: 2 ** 31 - 1 }]);
    await expect(registry.register('t', { schema: '"int"' }, false)).rejects.toMatchObject({ code: 42205 });
  });
});

describe('a schema that was imported with a second id', () => {
  const schema = '"string"';
  beforeEach(async () => {
    have([{}]);
    await registry.settings.setMode('t', 'IMPORT', false);
    expect(await registry.register('t', { schema, id: 5, version: 3 }, false)).toBe(5);
  });

  it('keeps the first one where it has that', () => {
    expect(registry.registeredId('s', { schema }, false)).toBe(1);
    expect(registry.lookUp('t', { schema })).toMatchObject({ id: 5, version: 3 });
  });

  it('is still known when one of them is removed', async () => {
    table.apply({ key: '{"keytype":"SCHEMA","subject":"t","version":3,"magic":1}', value: null });
    expect(await registry.register('u', { schema }, false)).toBe(1);
  });

  it('does not give its id to another schema of the topic', () => {
    have([{ subject: 'v', id: 5, schema: '"int"' }]);
    expect(() => registry.version('v', '1')).toThrow();
    expect(registry.schemaById(5)).toMatchObject({ schema });
  });
});

describe('the highest id', () => {
  /** Returns the records that compaction keeps: the last one of each key, unless its value is null. */
  const compacted = () =>
    [...new Map(written.map((record) => [record.key, record])).values()].filter(
      ({ value }) => value !== null,
    );

  it.each([
    ['the permanent deletion of its subject', () => registry.deleteSubject('s', true)],
    ['the permanent deletion of its version', () => registry.deleteVersion('s', '1', true)],
  ])('is not given again after %s and compaction', async (_what, remove) => {
    expect(await registry.register('s', { schema: '"int"' }, false)).toBe(1);
    await registry.deleteSubject('s', false);
    await remove();
    const [, restarted] = open(compacted());
    expect(await restarted.register('t', { schema: '"long"' }, false)).toBe(2);
  });

  it('is not given again after another schema was imported over its version', async () => {
    await registry.settings.setMode('s', 'IMPORT', false);
    await registry.register('s', { schema: '"int"', id: 9, version: 1 }, false);
    await registry.register('s', { schema: '"long"', id: 5, version: 1 }, false);
    const [, restarted] = open(compacted());
    expect(await restarted.register('t', { schema: '"bytes"' }, false)).toBe(10);
  });
});

describe('the settings of a subject', () => {
  it.each([
    ['the subject', () => registry.deleteSubject('s', true)],
    ['its last version', () => registry.deleteVersion('s', '1', true)],
  ])('stay until %s is removed permanently', async (_what, remove) => {
    have([{}]);
    await registry.settings.setLevel('s', 'NONE');
    await registry.settings.setMode('s', 'IMPORT', true);
    await registry.deleteSubject('s', false);
    expect(registry.settings.ownLevel('s')).toBe('NONE');
    expect(registry.settings.ownMode('s')).toBe('IMPORT');
    await remove();
    expect(() => registry.settings.ownLevel('s')).toThrow('does not have');
    expect(() => registry.settings.ownMode('s')).toThrow('does not have');
  });
});

describe('a version that others refer to', () => {
  const references = [{ name: 'a', subject: 's', version: 1 }];

  it('is not removed permanently while a referrer is only marked as deleted', async () => {
    have([{}, { subject: 'user', id: 2, references, schema: '"int"' }]);
    await registry.deleteSubject('user', false);
    await registry.deleteVersion('s', '1', false);
    const referenced = { code: 42206 };
    await expect(registry.deleteVersion('s', '1', true)).rejects.toMatchObject(referenced);
    await expect(registry.deleteSubject('s', true)).rejects.toMatchObject(referenced);
    await registry.deleteSubject('user', true);
    expect(await registry.deleteVersion('s', '1', true)).toBe(1);
  });

  it('goes with its subject if only later versions of the subject refer to it, the latest first', async () => {
    have([{}, { version: 2, id: 2, references, schema: '"int"' }]);
    await expect(registry.deleteVersion('s', '1', false)).rejects.toMatchObject({ code: 42206 });
    expect(await registry.deleteSubject('s', false)).toEqual([1, 2]);
    expect(await registry.deleteSubject('s', true)).toEqual([1, 2]);
    const removed = written.filter(({ value }) => value === null).map(({ key }) => key);
    expect(removed.map((key) => (JSON.parse(key) as SchemaVersion).version)).toEqual([2, 1]);
  });
});

describe('the mode IMPORT without force', () => {
  it('removes versions that are only marked as deleted, so that their numbers are free', async () => {
    have([{ deleted: true }, { version: 2, id: 2, schema: '"int"', deleted: true }]);
    expect(await registry.settings.setMode('s', 'IMPORT', false)).toBe('IMPORT');
    expect(registry.subjects('all')).toEqual([]);
    expect(await registry.register('s', { schema: '"long"', id: 1, version: 1 }, false)).toBe(1);
  });

  it('removes them from all subjects if it is set for all', async () => {
    have([{ deleted: true }, { subject: 't', id: 2, schema: '"int"', deleted: true }]);
    await registry.settings.setMode(null, 'IMPORT', false);
    expect(registry.subjects('all')).toEqual([]);
  });

  it('is refused if one of them is referred to, and if a version is left', async () => {
    const references = [{ name: 'a', subject: 's', version: 1 }];
    have([{ deleted: true }, { subject: 'user', id: 2, references, schema: '"int"', deleted: true }]);
    await expect(registry.settings.setMode('s', 'IMPORT', false)).rejects.toMatchObject({ code: 42206 });
    have([{ subject: 't', id: 3, schema: '"long"' }]);
    await expect(registry.settings.setMode('t', 'IMPORT', false)).rejects.toMatchObject({ code: 42205 });
    expect(written).toEqual([]);
  });

  it('can be set again for a subject that has it', async () => {
    await registry.settings.setMode('s', 'IMPORT', false);
    have([{}]);
    expect(await registry.settings.setMode('s', 'IMPORT', false)).toBe('IMPORT');
    expect(registry.versions('s', false)).toHaveLength(1);
  });

  it("is read from a topic that Confluent's registry has emptied for it", () => {
    have([{ deleted: true }]);
    table.apply({ key: '{"keytype":"CLEAR_SUBJECT","magic":0}', value: '{}' });
    expect(registry.subjects('all')).toEqual(['s']);
    table.apply({ key: '{"keytype":"CLEAR_SUBJECT","subject":"s","magic":0}', value: '{"subject":"s"}' });
    expect(registry.subjects('all')).toEqual([]);
  });
});

it('replaces a deleted version that has the same schema by the new one, unless others refer to it', async () => {
  const references = [{ name: 'a', subject: 't', version: 1 }];
  have([{ deleted: true }, { subject: 't', id: 2, schema: '"int"', deleted: true }]);
  have([{ subject: 'user', id: 3, references, schema: '"long"', deleted: true }]);
  await registry.register('s', { schema: '"string"' }, false);
  await registry.register('t', { schema: '"int"' }, false);
  const numbers = (subject: string) => registry.versions(subject, true).map(({ version }) => version);
  expect(numbers('s')).toEqual([2]);
  expect(numbers('t')).toEqual([1, 2]);
});
