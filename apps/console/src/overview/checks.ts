import type { CheckView, Overview } from '../api/overview.ts';

type Facts = Omit<Overview, 'checks'>;

/** A rule of a healthy system, how to check it, and the page that shows what breaks it. */
interface Rule {
  readonly name: string;
  readonly page: string;
  /** The things that break the rule, as words. */
  readonly broken: (facts: Facts) => readonly string[];
  readonly good: (facts: Facts) => string;
}

const rules: readonly Rule[] = [
  {
    name: 'Every process is ready',
    page: '/#services',
    broken: ({ services }) =>
      services.flatMap(({ processes }) =>
        processes
          .filter(({ status }) => status !== 'ready')
          .map(({ process, status }) => `${process}: ${status}`),
      ),
    good: ({ services }) =>
      counted(services.flatMap(({ processes }) => processes).length, 'process', 'processes'),
  },
  {
    name: 'No alarm is raised',
    page: '/#faults',
    broken: ({ faults }) => [...new Set(faults.map(({ rule }) => rule.replace(/^Millrace/, '')))],
    good: () => 'nothing calls for an operator',
  },
  {
    name: 'No saga needs attention',
    page: '/sagas?state=needs_attention',
    broken: ({ sagas }) =>
      sagas.flatMap(({ definition, needsAttention }) =>
        needsAttention > 0 ? [`${needsAttention} of ${definition}`] : [],
      ),
    good: ({ sagas }) =>
      counted(
        sagas.reduce((sum, one) => sum + one.running + one.compensating + one.closing, 0),
        'live saga',
        'live sagas',
      ),
  },
  {
    name: 'No message was given up',
    page: '/dead-letters',
    broken: ({ deadLetters }) => deadLetters.map(({ topic, letters }) => `${letters} on ${topic}`),
    good: () => 'the dead-letter topics are empty',
  },
  {
    name: 'No key is parked',
    page: '/parked-keys',
    broken: ({ services }) =>
      services.flatMap(({ service, parkedKeys }) => (parkedKeys > 0 ? [`${parkedKeys} of ${service}`] : [])),
    good: () => 'no message fails',
  },
  {
    name: 'Every outbox is published',
    page: '/#services',
    broken: ({ services }) =>
      services.flatMap(({ service, outboxAgeSeconds }) =>
        outboxAgeSeconds > outboxSecondsMax ? [`${service}: ${Math.round(outboxAgeSeconds)} s`] : [],
      ),
    good: ({ services }) =>
      counted(
        services.reduce((sum, one) => sum + one.outboxPending, 0),
        'message waits',
        'messages wait',
      ),
  },
  {
    name: 'Consumers keep up',
    page: '/#lag',
    broken: ({ lags }) =>
      lags.flatMap(({ group, topic, seconds }) =>
        seconds > lagSecondsMax ? [`${group} on ${topic}: ${seconds} s`] : [],
      ),
    good: ({ lags }) =>
      `${counted(
        lags.reduce((sum, { messages }) => sum + messages, 0),
        'message',
        'messages',
      )} behind`,
  },
];

/**
 * Limits above which more than a busy second is the cause. The alarms have their own thresholds.
 */
const outboxSecondsMax = 5;
const lagSecondsMax = 10;

const namedMax = 3;

export const checksOf = (facts: Facts): readonly CheckView[] =>
  rules.map(({ name, page, broken, good }) => {
    const found = broken(facts);
    const further = found.length > namedMax ? ` and ${found.length - namedMax} more` : '';
    const detail = found.length === 0 ? good(facts) : `${found.slice(0, namedMax).join('; ')}${further}`;
    return { name, holds: found.length === 0, detail, page };
  });

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
