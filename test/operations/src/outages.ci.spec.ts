import { beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNames, type ServiceName } from '@millrace/test-support/stack';
import { runOutages, type OutageReport } from './outages.ts';

/**
 * The service with the sagas, and one that asks an outside system. `npm run verify -- outages` stops
 * all five, for a minute each.
 */
const services: readonly ServiceName[] = ['order', 'payment'];

const stoppedMs = 6_000;

/** A bound above the delays of a busy machine and far below the outage. */
const boundMs = (medianMs: number): number => medianMs * 5 + 500;

describe('an outage of one service', () => {
  let report: OutageReport;
  beforeAll(async () => {
    report = await runOutages({ services, stoppedMs, calmMs: 4_000, print: () => undefined });
  });

  it.each(services)('R14 of %s leaves the answers and the work of the others as before', (stopped) => {
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

  it.each(services)('R14 of %s ends with the waiting messages handled after its restart', (stopped) => {
    const outage = report.outages.find((each) => each.stopped === stopped);

    expect(outage?.caughtUpMs).toBeGreaterThan(0);
    expect(outage?.waiting).toBeGreaterThan(0);
  });

  it('R14 leaves all orders completed and the books balanced', () => {
    expect(report.problems).toEqual([]);
    expect(report.outcomes).toEqual({ completed: expect.any(Number) });
    expect(report.outcomes.completed).toBeGreaterThan(services.length);
  });
});
