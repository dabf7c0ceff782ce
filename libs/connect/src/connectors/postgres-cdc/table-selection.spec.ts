import { describe, expect, it } from '@jest/globals';
import { captureSettings } from './settings.ts';
import { messageKeyOf, TableSelection, type KeyFacts } from './table-selection.ts';

const selection = (more: Partial<ConstructorParameters<typeof TableSelection>[0]>) =>
  new TableSelection({
    tablesIncluded: [],
    tablesExcluded: [],
    columnsExcluded: [],
    messageKeys: '',
    ...more,
  });
const tables = (...names: readonly string[]) =>
  names.map((name) => ({ schema: name.split('.')[0]!, table: name.split('.')[1]! }));
const names = (found: readonly { schema: string; table: string }[]) =>
  found.map(({ schema, table }) => `${schema}.${table}`);

describe('the lists of tables', () => {
  it('match whole names as patterns, in any case', () => {
    const { captured } = selection({
      tablesIncluded: ['public.acc', 'PUBLIC\\.orders?'],
      tablesExcluded: ['.*s'],
    }).divide(tables('public.accounts', 'public.order', 'public.orders', 'other.order'));
    expect(names(captured)).toEqual(['public.order']);
  });

  it('leave out the tables of a service unless they are named, and only in the database of a service', () => {
    const all = tables('public.store_incarnation', 'public.outbox', 'public.orders', 'other.outbox');
    const byPattern = selection({ tablesIncluded: ['.*'] }).divide(all);
    expect(names(byPattern.captured)).toEqual(['public.orders', 'other.outbox']);
    expect(names(byPattern.internal)).toEqual(['public.store_incarnation', 'public.outbox']);
    expect(names(selection({ tablesIncluded: ['public\\.outbox'] }).divide(all).captured)).toEqual([
      'public.outbox',
    ]);
  });
});

describe('the key of a message', () => {
  const table = (more: Partial<KeyFacts> = {}): KeyFacts => ({
    schema: 'public',
    table: 'accounts',
    primaryKey: ['id'],
    identity: 'd',
    identityColumns: [],
    ...more,
  });

  it('is the primary key, or what message.key.columns names', () => {
    expect(messageKeyOf(table(), selection({}))).toEqual(['id']);
    const named = selection({ messageKeys: 'public.(accounts|x):email, id; public.y:z' });
    expect(messageKeyOf(table({ identity: 'f' }), named)).toEqual(['email', 'id']);
  });

  it.each(['public.accounts', 'public.accounts:,', 'public.accounts:id:email'])(
    'needs a table and its columns, unlike %s',
    (value) => {
      const setting = captureSettings.find(({ name }) => name === 'message.key.columns');
      expect(setting?.check?.(`public.orders:id; ${value}`, {})).toContain('is not of the form');
      expect(setting?.check?.('public.orders:id;', {})).toBeUndefined();
    },
  );

  it('is refused if deletes do not contain it', () => {
    const named = selection({ messageKeys: 'public.accounts:email' });
    expect(() => messageKeyOf(table(), named)).toThrow('REPLICA IDENTITY FULL');
    expect(() => messageKeyOf(table({ identity: 'n' }), selection({}))).toThrow('REPLICA IDENTITY FULL');
    expect(messageKeyOf(table({ identity: 'i', identityColumns: ['email'] }), named)).toEqual(['email']);
  });
});
