import { beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNames } from '@millrace/test-support/stack';
import { runOutages, type OutageReport } from './outages.ts';

/** `npm run verify -- outages` takes a minute. */
const stoppedMs = 6_000;

/** Above what a busy machine explains, and far below the outage. */
const boundMs = (medianMs: number): number => medianMs * 5 + 500;

describe('a service that is stopped for a while', () => {
  let report: OutageReport;
  beforeAll(async () => {
    report = await runOutages({ services: serviceNames, stoppedMs, calmMs: 4_000, print: () => undefined });
  });

  it.each(serviceNames)('%s: the others answer as before, and handle what is theirs', (stopped) => {
    const outage = report.outages.find((each) => each.stopped === stopped);
    const others = Object.entries(outage?.others ?? {});

    expect(others).toHaveLength(serviceNames.length - 1);
    for (const [service, { failures, medianMs }] of others) {
      const before = report.calm[service as keyof typeof report.calm];
      expect({ service, failures }).toEqual({ service, failures: [] });
      expect({ service, slow: medianMs > boundMs(before.medianMs) && { medianMs, before } }).toEqual({
        service,
        slow: false,
      });
    }
    expect(Object.keys(outage?.handledWithinMs ?? {})).toHaveLength(serviceNames.length - 1);
  });

  it.each(serviceNames)('%s: what waited for it is handled once it is started again', (stopped) => {
    const outage = report.outages.find((each) => each.stopped === stopped);

    expect(outage?.caughtUpMs).toBeGreaterThan(0);
    expect(outage?.waiting).toBeGreaterThan(0);
  });

  it('all orders complete, and the books balance', () => {
    expect(report.problems).toEqual([]);
    expect(report.outcomes).toEqual({ completed: expect.any(Number) });
    expect(report.outcomes.completed).toBeGreaterThan(serviceNames.length);
  });
});
