import { describe, expect, it } from '@jest/globals';
import { consumed, serdes, StreamsBuilder, TopologyError } from '../index.ts';
import { begin, detect, type DetectOptions } from '../cep.ts';

interface Login {
  readonly failed: boolean;
}

const logins = serdes.json<Login>();

type Built = Parameters<typeof detect<string, Login, object, object, Login | undefined>>[1];

const detecting =
  (pattern: unknown, options: DetectOptions<string, Login, object> = {}) =>
  () =>
    detect(new StreamsBuilder().stream('logins', consumed(serdes.string, logins)), pattern as Built, options);

const first = begin<Login>('first');

function steps(count: number) {
  let pattern: { readonly next: typeof first.next } = first;
  for (let number = 2; number <= count; number += 1) pattern = pattern.next(`step ${number}`);
  return pattern;
}

describe('a pattern', () => {
  it.each<readonly [string, () => unknown, string]>([
    [
      'a name twice',
      () => first.next('second').next('first'),
      'The step "first" of the pattern has a name that another step has. Give each step a name of its own',
    ],
    ['an empty name', () => first.next(''), 'The step "" of the pattern has an empty name'],
    [
      'more than 16 steps',
      () => steps(17),
      'The step "step 17" of the pattern has more than 16 steps. Use times(n), or detect in two stages',
    ],
    [
      'no events',
      () => first.times(0),
      'The step "first" of the pattern has times(0). Give a whole number from 1',
    ],
    ['too many events', () => first.times(1_001), 'Give a whole number from 1 to 1000'],
    [
      'two numbers of events',
      () => first.times(2).oneOrMore(),
      'The step "first" of the pattern has oneOrMore() beside another number of events. Keep one of them',
    ],
    [
      'a number of events that must not come',
      () => first.notNext('no').times(2),
      'The step "no" of the pattern has times(2) in a notNext step, which takes no event. Remove times(2)',
    ],
    [
      'an optional event that must not come',
      () => first.notNext('no').optional(),
      'has optional() in a notNext step',
    ],
    ['optional twice', () => first.optional().optional(), 'has optional() twice. Call it once'],
    [
      'an absence after an optional step',
      () => first.optional().notNext('no'),
      'The step "no" of the pattern has notNext after the optional step first. Detect two patterns instead',
    ],
    [
      'until without oneOrMore',
      () => first.times(2).until(() => true),
      'The step "first" of the pattern has until(...). Call oneOrMore() before it',
    ],
    [
      'until twice',
      () =>
        first
          .oneOrMore()
          .until(() => true)
          .until(() => false),
      'has until(...) twice. Join the conditions with ||',
    ],
    [
      'no time',
      () => first.within(0),
      'The step "first" of the pattern has within(0). Give whole milliseconds from 1',
    ],
    ['two times', () => first.within(1).within(2), 'has within(...) twice'],
    [
      'an absence without a time limit',
      detecting(first.notFollowedBy('no')),
      'The step "no" of the pattern has notFollowedBy, which needs a time limit. Add .within(ms) to the pattern',
    ],
    [
      'a skip to a step that takes nothing',
      detecting(
        first
          .notNext('no')
          .next('second')
          .skipToLast('no' as 'second'),
      ),
      'The step "no" of the pattern has a call of skipToLast, but it takes no event. ' +
        'Name one of the steps that do: first, second',
    ],
    [
      'ids to tell apart forever',
      detecting(first, { distinctBy: () => 'id' }),
      'The detection detect has distinctBy, which needs a pattern with a time limit. Add .within(ms) to the pattern',
    ],
    [
      'time-outs that never come',
      detecting(first, { timedOut: () => undefined }),
      'The detection detect has timedOut, which needs a pattern with a time limit',
    ],
    [
      'a negative grace',
      detecting(first, { name: 'guessing', grace: -1 }),
      'The detection guessing has grace -1. Give a whole number from 0',
    ],
    ['no runs', detecting(first, { runsMaxPerKey: 0 }), 'has runsMaxPerKey 0. Give a whole number from 1'],
  ])('is refused with %s', (_what, build, message) => {
    expect(build).toThrow(TopologyError);
    expect(build).toThrow(message);
  });

  it('needs the serdes of the events', () => {
    const changed = new StreamsBuilder()
      .stream('logins', consumed(serdes.string, logins))
      .mapValues((x) => x);

    expect(() => detect(changed, first)).toThrow(
      'The detection detect needs the serde of its value: an operator before it may have changed the type. ' +
        'Give it valueSerde',
    );
  });

  it('has 16 steps at most', () => {
    expect(() => steps(16)).not.toThrow();
  });

  it('is not changed by its methods', () => {
    first.where(() => false).within(1);

    expect(first.definition.steps[0]?.conditions).toEqual([]);
    expect(first.definition.withinMs).toBeUndefined();
  });

  it('has the types of its steps', () => {
    const pattern = begin<Login>('first')
      .followedBy('several')
      .oneOrMore()
      .where(
        (_login, { previous, taken }) => !previous.failed && taken.first.failed && taken.several.length < 3,
      )
      .next('perhaps')
      .optional();
    const matches = detecting(pattern);
    // @ts-expect-error the first step has nothing before it
    begin<Login>('first').where((_login, { previous }) => previous.failed);
    // @ts-expect-error the step has another name
    begin<Login, 'login'>('first');
    // @ts-expect-error there is no such step
    pattern.skipToFirst('other');

    expect(matches).not.toThrow();
  });
});
