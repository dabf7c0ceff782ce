import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@millrace/testing/random';
import { servedApis } from '@millrace/streaming-core/protocol';
import { requestOfOtherValues } from './other-values.ts';
import { readRequest, recordedRequests } from './recorded-requests.ts';
import { allVersions } from './tally.ts';
import { WordLists } from './word-lists.ts';

const requests = recordedRequests().map(readRequest);

function someRequests(count: number, seed: number): readonly Buffer[] {
  const words = new WordLists(['kept']);
  for (const { api, body } of requests) words.learn(api.request.fields, body);
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => requestOfOtherValues(requests, words, random));
}

describe('requests with other values', () => {
  it('are the same for the same seed', () => {
    const hex = (seed: number) => someRequests(50, seed).map((frame) => frame.toString('hex'));
    expect(hex(3)).toEqual(hex(3));
    expect(hex(3)).not.toEqual(hex(4));
  });

  it('can be decoded, cover every version of every API, and differ from the recorded ones', () => {
    const made = someRequests(5_000, 1).map((frame) => readRequest(frame.subarray(4)));
    expect(new Set(made.map(({ api, version }) => `${api.key} ${version}`)).size).toBe(allVersions);
    expect(new Set(made.map(({ api }) => api.key)).size).toBe(servedApis.length);
    const asRecorded = new Set(requests.map(({ api, body }) => `${api.key} ${inWords(body)}`));
    expect(made.filter(({ api, body }) => asRecorded.has(`${api.key} ${inWords(body)}`)).length).toBeLessThan(
      made.length / 4,
    );
  });
});

describe('the values that requests take from others', () => {
  it('are learnt by the name of their field, except those that belong to another client', () => {
    const words = new WordLists(['canary']);
    const api = servedApis.find(({ name }) => name === 'DeleteTopics');
    words.learn(api?.request.fields ?? {}, {
      topics: [],
      topicNames: ['one', 'canary', 'two'],
      timeoutMs: 3,
    });
    expect(words.of('topicNames')).toEqual(['one', 'two']);
    expect(words.of('timeoutMs')).toEqual([3]);
    expect(words.of('name')).toEqual([]);
  });
});

const inWords = (body: object): string =>
  JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
