import { describe, expect, it } from '@jest/globals';
import type { Part } from '../../api/faults.ts';
import { endInWords, explanationOf, faultsOf, whatComes } from './faults-model.ts';

const part = (more: Partial<Part>): Part => ({
  process: 'order-2',
  instance: 'order-2',
  state: 'running',
  starts: 1,
  unansweredMsMax: 20_000,
  ...more,
});

describe('a part on the page of faults', () => {
  it.each<[Part['state'], readonly string[]]>([
    ['running', ['kill', 'pause']],
    ['paused', ['kill', 'resume']],
    ['restarting', []],
    ['stopped', []],
  ])('that is %s can be hit by %j', (state, faults) => {
    expect(faultsOf(part({ state }))).toEqual(faults);
  });

  it.each<[Partial<Part>, string]>([
    [{}, ''],
    [{ state: 'restarting' }, 'the supervisor starts it again'],
    [{ state: 'stopped' }, 'until npm run millrace -- start order-2'],
    [{ state: 'paused' }, 'killed after 20 s without an answer'],
    [{ state: 'paused', unansweredMs: 7_600 }, 'no answer for 8 s, killed in 13 s'],
    [{ unansweredMs: 21_000 }, 'no answer for 21 s, killed in 0 s'],
    [{ state: 'paused', unansweredMsMax: undefined }, 'until it is resumed'],
    [
      { state: 'paused', unansweredMs: 9_000, unansweredMsMax: undefined },
      'no answer for 9 s, but never killed',
    ],
  ])('%j says what comes next: %s', (more, said) => {
    expect(whatComes(part(more))).toBe(said);
  });

  it('says before a pause when the supervisor kills it, if it ever does', () => {
    expect(explanationOf('pause', part({}))).toContain('kills it after 20 s without an answer');
    expect(explanationOf('pause', part({ unansweredMsMax: undefined }))).toContain('never kills it');
  });

  it('says how it ended', () => {
    expect(endInWords({ how: 'exit code 1', at: '' })).toBe('exit code 1');
    expect(endInWords({ how: 'SIGKILL', at: '', unansweredMs: 20_400 })).toBe('SIGKILL, silent for 21 s');
  });
});
