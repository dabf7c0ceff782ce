import { describe, expect, it } from '@jest/globals';
import { renderPage, type SagaNumbers } from './page.ts';
import type { PhaseReport } from './report.ts';

const phase = (name: string, part: Partial<PhaseReport>): PhaseReport => ({
  phase: name,
  orders: 10,
  cancelled: 1,
  ordersPerSecond: 20,
  p50Ms: 40,
  p99Ms: 90,
  slowestMs: 95,
  cpuMsPerOrder: { order: 30, 'bench client': 4 },
  cpuMsPerOrderInAll: 30,
  statementsPerOrder: {},
  statementsPerStep: 26,
  roundTripsPerStep: 10,
  ...part,
});
const facts = {
  machine: 'a machine',
  date: '2026-01-02',
  command: 'npm run bench -- saga --write',
  disturbance: { loadBefore: 0.1, foreignPercent: 1.2, stolenPercent: 0.4 },
};
const numbers: SagaNumbers = {
  open: phase('20 per second', {}),
  closed: phase('64 in flight', { ordersPerSecond: 70, p50Ms: 800, cpuMsPerOrderInAll: 12 }),
  lone: phase('lone orders', { p50Ms: 41 }),
  idleCpuMsPerSecond: 20,
  hops: [
    {
      from: undefined,
      to: 'OrderCreated',
      count: 10,
      handled: undefined,
      published: { p50: 4, p90: 9, p99: 14 },
    },
  ],
};

describe('the page of the saga bench', () => {
  it('says which targets are met, and counts the CPU time of the client', () => {
    const page = renderPage(numbers, facts);
    expect(page).toContain('| 20 per second: p50 | <= 50 ms | 40 ms | met |');
    expect(page).toContain('| 20 per second: CPU per order, with the client | <= 40 ms | 34 ms | met |');
    expect(page).toContain('| 64 in flight: orders per second | >= 120 | 70 | **missed** |');
    expect(page).toContain('| lone orders: p50 | <= 40 ms | 41 ms | **missed** |');
    expect(page).toContain('| idle: CPU per second | <= 30 ms | 20 ms | met |');
  });

  it('misses a target whose CPU time the system does not report', () => {
    expect(renderPage({ ...numbers, idleCpuMsPerSecond: null }, facts)).toContain(
      '| idle: CPU per second | <= 30 ms | ? ms | **missed** |',
    );
  });

  it('names what else ran, and the way of each message', () => {
    const page = renderPage(numbers, facts);
    expect(page).toContain('load average before: 0.10; meanwhile other programs took 1.2 %');
    expect(page).toContain('| a request | OrderCreated | 10 |  | 4 / 9 / 14 |');
  });
});
