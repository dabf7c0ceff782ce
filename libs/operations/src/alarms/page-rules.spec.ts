import { describe, expect, it } from '@jest/globals';
import { judgedRules, pagesIn, type Sample } from './page-rules.ts';
import { alertRules } from './prometheus-rules.fixture.ts';

const sample = (name: string, value: number, labels: Record<string, string> = {}): Sample => ({
  name,
  value,
  labels: { service: 'order', ...labels },
});

describe('the rules that page', () => {
  it('are all judged, except that a process does not answer', () => {
    const paging = alertRules()
      .split('- alert: ')
      .slice(1)
      .filter((rule) => rule.includes('severity: page'))
      .map((rule) => rule.split('\n')[0] ?? '');
    expect(paging.filter((rule) => !judgedRules.includes(rule))).toEqual(['MillraceServiceDown']);
    expect(judgedRules.filter((rule) => !paging.includes(rule))).toEqual([]);
  });

  it.each([
    [
      'the highest figure of all processes',
      [
        sample('millrace_relay_oldest_unpublished_age_seconds', 3),
        sample('millrace_relay_oldest_unpublished_age_seconds', 31),
      ],
      [{ rule: 'MillraceOutboxAge', place: 'service=order', value: 31 }],
    ],
    [
      'the sum over all processes',
      [1, 1].map((value) =>
        sample('millrace_consumer_partitions_blocked', value, { group: 'order', topic: 't' }),
      ),
      [{ rule: 'MillracePartitionBlocked', place: 'service=order group=order', value: 2 }],
    ],
    [
      'only samples with the labels of the rule',
      ['RUNNING', 'FAILED'].map((state) =>
        sample('millrace_connect_tasks', 1, { connector: state.toLowerCase(), state }),
      ),
      [{ rule: 'MillraceConnectorFailed', place: 'service=order connector=failed', value: 1 }],
    ],
    ['a figure at its threshold, which does not page', [sample('kafka_consumer_group_lag_seconds', 60)], []],
    [
      'a group without an owner',
      [sample('millrace_consumer_partitions_owned', 0, { group: 'order' })],
      [{ rule: 'MillraceNobodyConsumes', place: 'service=order group=order', value: 0 }],
    ],
    [
      'a group that another process owns',
      [0, 6].map((value) => sample('millrace_consumer_partitions_owned', value, { group: 'order' })),
      [],
    ],
    [
      'an outbox that nobody publishes',
      [
        sample('millrace_relay_publishing', 0),
        sample('millrace_relay_publishing', 0, { service: 'payment' }),
        sample('millrace_relay_publishing', 1, { service: 'payment' }),
      ],
      [{ rule: 'MillraceNobodyPublishes', place: 'service=order', value: 0 }],
    ],
    [
      'an outbox without any relay',
      [sample('millrace_outbox_pending', 4)],
      [{ rule: 'MillraceNobodyPublishes', place: 'service=order', value: 4 }],
    ],
    [
      'errors of both windows',
      ['5m', '1h'].flatMap((window) => [
        sample('millrace_http_requests_recent', 600, { window }),
        sample('millrace_http_requests_recent', 400, { window }),
        sample('millrace_http_server_errors_recent', window === '5m' ? 100 : 15, { window }),
      ]),
      [{ rule: 'MillraceHttpErrorBudgetBurnsFast', place: 'service=order', value: 0.015 }],
    ],
    [
      'errors that are over',
      ['5m', '1h'].flatMap((window) => [
        sample('millrace_http_requests_recent', 1_000, { window }),
        sample('millrace_http_server_errors_recent', window === '5m' ? 0 : 500, { window }),
      ]),
      [],
    ],
    [
      'no requests at all',
      ['5m', '1h'].flatMap((window) => [
        sample('millrace_http_requests_recent', 0, { window }),
        sample('millrace_http_server_errors_recent', 0, { window }),
      ]),
      [],
    ],
  ])('judge %s', (_what, samples, pages) => {
    expect(pagesIn(samples)).toEqual(pages);
  });
});
