import { describe, expect, it } from '@jest/globals';
import { waitForTopics } from './required-topics.ts';

function scripted(answers: readonly (readonly string[] | Error)[]) {
  const lines: string[] = [];
  let asked = 0;
  const log = (_fields: object, message: string) => void lines.push(message);
  return {
    lines,
    options: {
      topics: ['order-events', 'order-commands'],
      describe: () => {
        const answer = answers[Math.min(asked++, answers.length - 1)] ?? [];
        return answer instanceof Error
          ? Promise.reject(answer)
          : Promise.resolve(
              new Map(answer.map((topic) => [topic, { clusterId: 'one', topicId: topic, partitions: 6 }])),
            );
      },
      logger: { debug: log, info: log, warn: log, error: log },
      retryDelayMs: 1,
    },
  };
}

describe('a service that needs topics', () => {
  it('starts at once when all of them exist', async () => {
    const { options, lines } = scripted([['order-events', 'order-commands', 'others']]);
    await waitForTopics({ ...options, signal: new AbortController().signal });
    expect(lines).toEqual([]);
  });

  it('waits for the setup step and for an unreachable broker, and logs that once', async () => {
    const { options, lines } = scripted([
      new Error('refused'),
      ['order-events'],
      ['order-events', 'order-commands'],
    ]);
    await waitForTopics({ ...options, signal: new AbortController().signal });
    expect(lines).toEqual(['waiting for the log: no broker answers']);
  });

  it('names the wrong setting when the broker refuses its credentials', async () => {
    const refusal = Object.assign(new Error('check KAFKA_SASL_PASSWORD'), { code: 'access_refused' });
    const { options, lines } = scripted([refusal, ['order-events', 'order-commands']]);
    await waitForTopics({ ...options, signal: new AbortController().signal });
    expect(lines).toEqual(['waiting for the log: check KAFKA_SASL_PASSWORD']);
  });

  it('repeats at intervals in the log what it waits for', async () => {
    const { options, lines } = scripted([
      ['order-events'],
      ['order-events'],
      ['order-events', 'order-commands'],
    ]);
    await waitForTopics({ ...options, remindMs: 0, signal: new AbortController().signal });
    expect(lines).toHaveLength(2);
  });

  it('stops waiting when the service is asked to stop', async () => {
    const { options } = scripted([[]]);
    expect(await waitForTopics({ ...options, signal: AbortSignal.timeout(20) })).toBeUndefined();
  });
});
