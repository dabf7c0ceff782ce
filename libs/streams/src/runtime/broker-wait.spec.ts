import { describe, expect, it } from '@jest/globals';
import { ClientError } from '@millrace/streaming-core/client';
import { silentLogger, type Clock } from '@millrace/streaming-core/runtime';
import { waitForBroker } from './broker-wait.ts';

const bootstrapServers = ['one:9092', 'other:9092'];
const nobody = new AbortController().signal;

/** A clock with one timer. Its time passes only when a test lets it run. */
function clockOfTest() {
  let nowMs = 0;
  let next: { readonly spanMs: number; readonly work: () => void } | undefined;
  const clock: Clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    after(spanMs, work) {
      next = { spanMs, work };
      return () => (next = undefined);
    },
  };
  const run = () => {
    const { spanMs, work } = next!;
    nowMs += spanMs;
    work();
  };
  return { clock, run, isIdle: () => next === undefined };
}

function waiting(answer: Promise<void>) {
  const { clock, run, isIdle } = clockOfTest();
  const notices: object[] = [];
  const logger = { ...silentLogger, warn: (fields: object) => void notices.push(fields) };
  const admin = { waitUntilReachable: () => answer };
  return { run, isIdle, notices, wait: waitForBroker(admin, { bootstrapServers, clock, logger }, nobody) };
}

describe('waiting for a broker', () => {
  it('is logged after a second and then every five, with the addresses, until one answers', async () => {
    const answer = Promise.withResolvers<void>();
    const { run, isIdle, notices, wait } = waiting(answer.promise);
    for (let notice = 0; notice < 3; notice += 1) run();
    answer.resolve();
    await wait;

    expect(notices).toEqual(
      [1_000, 6_000, 11_000].map((waitedMs) => ({ bootstrapServers, waitedMs, limitMs: 15_000 })),
    );
    expect(isIdle()).toBe(true);
  });

  it('ends with an error that names the setting and its value if no broker answers', async () => {
    const { wait, isIdle } = waiting(Promise.reject(new ClientError('unreachable', 'connect ECONNREFUSED')));

    await expect(wait).rejects.toMatchObject({
      code: 'unreachable',
      message:
        'no broker of bootstrapServers one:9092, other:9092 answered within 15000 ms: start one, or correct ' +
        'bootstrapServers (connect ECONNREFUSED)',
    });
    expect(isIdle()).toBe(true);
  });

  it('ends at once, with the reason, if waiting cannot help', async () => {
    const { wait } = waiting(Promise.reject(new ClientError('access_refused', 'wrong password')));

    await expect(wait).rejects.toMatchObject({ code: 'access_refused', message: 'wrong password' });
  });
});
