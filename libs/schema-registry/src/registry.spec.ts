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
    expect(route.answer({ params: {}, query: { deletedOnly: 'true' }, body: undefined })).toHaveLength(10_000);
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
