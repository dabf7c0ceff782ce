import { describe, expect, it } from '@jest/globals';
import { differences } from './compare.ts';

describe('two answers', () => {
  it('have no differences if they are equal', () => {
    const answer = { errorCode: 0, topics: [{ name: 't', partitions: [{ index: 0, offset: '5' }] }] };
    expect(differences(answer, structuredClone(answer))).toEqual([]);
  });

  it('differ in single fields, which are reported with their path', () => {
    const ours = { topics: [{ name: 't', errorCode: 3 }], sum: 1 };
    const kafkas = { topics: [{ name: 't', errorCode: 0 }], sum: 1 };
    expect(differences(ours, kafkas)).toEqual([{ path: 'topics{t}.errorCode', ours: '3', kafkas: '0' }]);
  });

  it('differ in an entry of a table that one lacks, and not in the entries after it', () => {
    const ours = { configs: [{ name: 'b', value: '1' }] };
    const kafkas = { configs: [{ name: 'a', value: '1' }, ...ours.configs] };
    expect(differences(ours, kafkas)).toEqual([
      { path: 'configs{a}', ours: 'nothing', kafkas: '{"name":"a","value":"1"}' },
    ]);
  });

  it('differ as a whole if one is not an answer or lists have different lengths', () => {
    expect(differences('closed', { errorCode: 0 })).toEqual([
      { path: '', ours: 'closed', kafkas: '{"errorCode":0}' },
    ]);
    expect(differences([1], [1, 2])).toEqual([{ path: '', ours: '[1]', kafkas: '[1,2]' }]);
  });
});
