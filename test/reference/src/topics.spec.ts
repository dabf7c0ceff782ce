import schemas from '@asyncapi/specs';
import { describe, expect, it } from '@jest/globals';
import { topics } from '@millrace/contracts';
import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { asyncApi } from './asyncapi.ts';
import { contractTopics, ownerOf } from './contract-topics.ts';
import { appTopics } from './stack-apps.ts';
import { topicsPage } from './topics-page.ts';
import { pageWritten } from './workspace.ts';

/** The schema of AsyncAPI brings its own copy of draft 7. */
const ajv = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
addFormats.default(ajv);
const isAsyncApi = ajv.compile(schemas.schemas['3.0.0']);

/** What the schema of AsyncAPI finds wrong in a document. */
const faultsIn = (document: object): readonly ErrorObject[] =>
  isAsyncApi(document) ? [] : (isAsyncApi.errors ?? []);

describe('the catalogue of topics', () => {
  it('R40 is what the contracts, the stack and the sources of the services say', () => {
    const wanted = topicsPage();
    expect(pageWritten('docs/reference/topics.md', wanted)).toBe(wanted);
  });

  it('gives each topic one owner', () => {
    const owners = contractTopics.map((topic) => ({ topic: topic.name, owner: ownerOf(topic) }));
    expect(owners.filter(({ owner }) => !/^[\w-]+$/.test(owner) || owner === 'nobody')).toEqual([]);
  });

  it('has every topic that the setup step creates, and each once', () => {
    const created = topics.filter(({ name }) => !name.endsWith('.dlq')).map(({ name }) => name);
    const shown = contractTopics.map(({ declaration }) => declaration.name);
    expect(shown).toEqual(created);
    const all = [...shown, ...appTopics.map(({ topic }) => topic.name)];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('the catalogue as AsyncAPI 3.0', () => {
  it('R40 is what the contracts, the stack and the sources of the services say', () => {
    const wanted = `${JSON.stringify(asyncApi(), undefined, 2)}\n`;
    expect(pageWritten('docs/reference/asyncapi.json', wanted)).toBe(wanted);
  });

  it('is valid by the schema of AsyncAPI', () => {
    expect(faultsIn(asyncApi())).toEqual([]);
  });

  it('has no reference that leads nowhere', () => {
    const document = asyncApi() as Json;
    const dead = referencesIn(document).filter((pointer) => valueAt(document, pointer) === undefined);
    expect(dead).toEqual([]);
  });

  it('is refused with a channel that the schema does not allow', () => {
    expect(faultsIn({ ...asyncApi(), channels: { orders: { addres: 'orders' } } })).not.toEqual([]);
  });
});

type Json = Readonly<Record<string, unknown>>;

function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    name === '$ref' ? [String(inner)] : referencesIn(inner),
  );
}

const valueAt = (document: Json, pointer: string): unknown =>
  pointer
    .slice('#/'.length)
    .split('/')
    .reduce<unknown>((value, name) => (value as Json | undefined)?.[name], document);
