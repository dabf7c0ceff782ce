import { describe, expect, it } from '@jest/globals';
import type { ServiceReport } from '@millrace/operations/client';
import { overviewOf, type Seen } from './overview.ts';

type Samples = Extract<ServiceReport['samples'], readonly unknown[]>;

const sample = (name: string, value: number, labels: Record<string, string> = {}): Samples[number] => ({
  name,
  labels,
  value,
});
const report = (
  process: string,
  samples: ServiceReport['samples'] = [],
  status = 'ready',
): ServiceReport => ({
  status: { process, url: `http://${process}`, status, roles: [], failing: status === 'ready' ? [] : ['no'] },
  alarms: [],
  stalled: [],
  keys: undefined,
  samples,
});
const see = (reports: readonly ServiceReport[], atMs = 0, before?: Seen): Seen =>
  overviewOf({ atMs, services: ['order', 'order-desk', 'payment'], reports }, before);
const faults = ({ overview }: Seen) => overview.faults.map(({ rule, place }) => `${rule} ${place}`);
const broken = ({ overview }: Seen) => overview.checks.filter(({ holds }) => !holds).map(({ name }) => name);

describe('the overview', () => {
  it('puts processes under their service, whose status is the worst of them', () => {
    const { overview } = see([report('order'), report('order-2', [], 'no answer'), report('order-desk')]);
    const of = (name: string) => overview.services.find(({ service }) => service === name);
    expect(of('order')).toMatchObject({ status: 'no answer', processes: [{}, { process: 'order-2' }] });
    expect(of('order-desk')?.processes).toHaveLength(1);
  });

  it('finds nothing wrong with a system that works', () => {
    const seen = see([report('order'), report('order-desk'), report('payment')]);
    expect(broken(seen)).toEqual([]);
    expect(faults(seen)).toEqual([]);
  });

  it('takes the highest of what every process reads from one database, and the sum of what each counts', () => {
    const samples = [
      sample('millrace_outbox_pending', 7),
      sample('millrace_saga_duration_seconds_count', 3, { definition: 'trip', outcome: 'completed' }),
    ];
    const { overview } = see([report('order', samples), report('order-2', samples)]);
    expect(overview.services[0]).toMatchObject({ outboxPending: 7 });
    expect(overview.sagas).toMatchObject([{ definition: 'trip', completed: 6 }]);
  });

  it('turns a broken rule red, with what breaks it and the page that shows it', () => {
    const dead = sample('millrace_dead_letters', 2, { topic: 'room-commands.dlq' });
    const { overview } = see([report('order', [dead])]);
    expect(overview.checks).toContainEqual({
      name: 'No message was given up',
      holds: false,
      detail: '2 on room-commands.dlq',
      page: '/dead-letters',
    });
  });
});

describe('a fault in the overview', () => {
  it('is a process that does not answer, by the entry of the runbook', () => {
    expect(faults(see([report('payment', 'no answer in time', 'no answer')]))).toEqual([
      'MillraceServiceDown process=payment',
    ]);
  });

  it('is an alarm, and a rule of Prometheus that holds now, each place once', () => {
    const attention = sample('millrace_sagas_need_attention', 1, { service: 'order', definition: 'trip' });
    const raised = {
      process: 'order',
      alarm: 'sagas_need_attention',
      place: 'service=order definition=trip',
      value: 1,
      threshold: 0,
      runbook: 'MillraceSagasNeedAttention',
      since: '2026-11-25T10:00:00.000Z',
    };
    const seen = see([{ ...report('order', [attention]), alarms: [raised] }]);
    expect(faults(seen)).toEqual(['MillraceSagasNeedAttention service=order definition=trip']);
    expect(seen.overview.faults[0]).toMatchObject({
      detail: '1 in order, above the limit of 0',
      since: raised.since,
    });
  });

  it('is a figure that cannot be read', () => {
    const stale = sample('millrace_watch_up', 0, { service: 'order', watch: 'outbox' });
    expect(faults(see([report('order', [stale])]))).toEqual([
      'MillraceFiguresStale service=order watch=outbox',
    ]);
  });

  it('is a group whose attempts fail, for a minute after the last one', () => {
    const failed = (value: number) => [
      report('order', [
        sample('millrace_consumer_failures_total', value, { group: 'order', topic: 'rooms' }),
      ]),
    ];
    const first = see(failed(3));
    expect(faults(first)).toEqual([]);
    const second = see(failed(4), 2_000, first);
    expect(faults(second)).toEqual(['MillraceConsumerFailing group=order topic=rooms']);
    const later = see(failed(4), 30_000, second);
    expect(faults(later)).toHaveLength(1);
    expect(faults(see(failed(4), 63_000, later))).toEqual([]);
  });

  it('is a share of errors that uses up the budget slowly', () => {
    const answered = (errors: number) => [
      report('order', [
        sample('millrace_http_requests_recent', 1_000, { service: 'order', window: '1h' }),
        sample('millrace_http_server_errors_recent', errors, { service: 'order', window: '1h' }),
      ]),
    ];
    expect(faults(see(answered(6)))).toEqual([]);
    expect(faults(see(answered(7)))).toEqual(['MillraceHttpErrorBudgetBurnsSlowly service=order']);
  });
});
