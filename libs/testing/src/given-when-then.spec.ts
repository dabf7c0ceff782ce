import { AssertionError } from 'node:assert';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { rejected, type Decider } from '@millrace/event-sourcing';
import { given } from './given-when-then.ts';

type Light = { on: boolean; switched: number };
type LightEvent = { type: 'Switched'; on: boolean };

const light: Decider<'on' | 'off', LightEvent, Light, 'bulb_broken'> = {
  initialState: { on: false, switched: 0 },
  decide(command, state) {
    if (state.switched >= 2) return rejected('bulb_broken', { switched: state.switched });
    return (command === 'on') === state.on ? [] : [{ type: 'Switched', on: command === 'on' }];
  },
  evolve: (state, event) => ({ on: event.on, switched: state.switched + 1 }),
};
const on: LightEvent = { type: 'Switched', on: true };
const off: LightEvent = { type: 'Switched', on: false };

/** A light that calls for a new bulb, in answer to an earlier command. */
const caredFor: Decider<'on' | 'off', LightEvent, Light, 'bulb_broken', 'new bulb'> = {
  ...light,
  decide: (command, state) =>
    state.switched === 1
      ? { events: [{ type: 'Switched', on: command === 'on' }], calls: ['new bulb'], answers: 'first' }
      : light.decide(command, state),
};

function messageOf(check: () => void): string {
  try {
    check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return '';
}

describe('given, when, then', () => {
  it('passes for what the domain decides', () => {
    given(light).when('on').then([on]);
    given(light, [on]).when('on').then([]);
    given(light, [on, off]).when('on').thenRejected('bulb_broken');
    given(light, [on, off]).when('on').thenRejected('bulb_broken', { switched: 2 });
  });

  it('passes for the state after the decision, which a rejection leaves as it was', () => {
    given(light, [on]).when('off').thenState({ on: false, switched: 2 });
    given(light, [on, off]).when('on').thenState({ on: false, switched: 2 });
  });

  it('passes for the calls to external systems, and for the command that the events answer', () => {
    given(caredFor, [on]).when('off').then([off]);
    given(caredFor, [on]).when('off').thenCalls(['new bulb']);
    given(caredFor, [on]).when('off').thenAnswers('first');
    given(caredFor, [on]).when('off').thenState({ on: false, switched: 2 });
    given(caredFor).when('on').thenCalls([]);
    given(caredFor).when('on').thenAnswers(undefined);
  });

  it.each<[string, () => void, RegExp]>([
    ['other events', () => given(light).when('on').then([off]), /\+ .*on: true[\s\S]*- .*on: false/],
    ['events that are missing', () => given(light).when('on').then([]), /Switched/],
    [
      'a rejection instead of events',
      () => given(light, [on, off]).when('on').then([on]),
      /rejected: bulb_broken \{"switched":2\}/,
    ],
    [
      'events instead of a rejection',
      () => given(light).when('on').thenRejected('bulb_broken'),
      /gave Switched/,
    ],
    [
      'nothing instead of a rejection',
      () => given(light, [on]).when('on').thenRejected('bulb_broken'),
      /gave no events/,
    ],
    [
      'another code',
      () =>
        given(light, [on, off])
          .when('on')
          .thenRejected('other' as 'bulb_broken'),
      /bulb_broken/,
    ],
    [
      'other details',
      () => given(light, [on, off]).when('on').thenRejected('bulb_broken', { switched: 3 }),
      /switched: 2/,
    ],
    ['a call that is missing', () => given(caredFor, [on]).when('off').thenCalls([]), /new bulb/],
    ['another answer', () => given(caredFor, [on]).when('off').thenAnswers('second'), /first/],
    ['another state', () => given(light).when('on').thenState({ on: true, switched: 2 }), /switched: 1/],
  ])('fails for %s and shows the difference', (_, check, message) => {
    expect(check).toThrow(AssertionError);
    // Node colours the difference if the terminal has colours.
    expect(stripVTControlCharacters(messageOf(check))).toMatch(message);
  });

  it('says what is wrong if a test awaits the sentence instead of ending it', async () => {
    await expect(async () => await (given(light).when('on') as unknown as Promise<void>)).rejects.toThrow(
      'is not a promise',
    );
  });
});
