import { describe, expect, it } from '@jest/globals';
import { minutes, seconds, serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import type { Transaction } from './domain/transaction.ts';
import type { Distinct } from './rule.ts';
import { alertJson, topics, topology, transactionJson } from './topology.ts';
import { paid } from './transactions.fixture.ts';

/** Returns the alerts, each as the ids of its transactions, and the late transactions by their ids. */
function found(arriving: readonly Transaction[], distinct: Distinct = 'consecutive') {
  using driver = new TopologyTestDriver(topology({ distinct, graceMs: seconds(30) }));
  const input = driver.createInputTopic(topics.transactions, serdes.string, transactionJson);
  for (const each of arriving) input.pipeInput(each.cardId, each, Date.parse(each.occurredAt));
  const later = paid('DE 0:00', 'later', 'another', minutes(60));
  input.pipeInput(later.cardId, later, minutes(60));
  const valuesOf = <Value>(topic: string, serde: typeof alertJson | typeof transactionJson) =>
    driver.createOutputTopic(topic, serdes.string, serde as never).readValuesToList() as readonly Value[];
  return {
    alerts: valuesOf<{ transactionIds: string[] }>(topics.alerts, alertJson).map(({ transactionIds }) =>
      transactionIds.join(' '),
    ),
    late: valuesOf<Transaction>(topics.late, transactionJson).map(({ transactionId }) => transactionId),
  };
}

const onOneCard = (...texts: readonly string[]) => texts.map((text, index) => paid(text, `e${index}`));

describe('G30 an alert for three countries within five minutes', () => {
  it.each([
    ['a', ['DE 0:00', 'FR 1:00', 'US 4:00'], ['e0 e1 e2']],
    ['b', ['DE 0:00', 'DE 1:00', 'FR 2:00'], []],
    ['c', ['DE 0:00', 'FR 3:00', 'US 5:01'], []],
    ['d', ['DE 0:00', 'DE 0:30', 'FR 1:00', 'FR 1:30', 'US 2:00'], ['e0 e2 e4']],
    ['e', ['DE 0:00', 'FR 1:00', 'DE 2:00'], ['e0 e1 e2']],
    ['h', ['DE 0:00', 'FR 1:00', 'US 5:00'], []],
  ])('is raised as the guides say in case %s', (_case, texts, alerts) => {
    expect(found(onOneCard(...texts)).alerts).toEqual(alerts);
  });

  it('is not raised in case e if all three must differ', () => {
    expect(found(onOneCard('DE 0:00', 'FR 1:00', 'DE 2:00'), 'pairwise').alerts).toEqual([]);
    expect(found(onOneCard('DE 0:00', 'FR 1:00', 'US 2:00'), 'pairwise').alerts).toEqual(['e0 e1 e2']);
  });

  it('is not raised across two cards, as case f says', () => {
    const onTwo = [paid('DE 0:00', 'e0'), paid('FR 1:00', 'e1'), paid('US 2:00', 'e2', 'd')];
    expect(found(onTwo).alerts).toEqual([]);
  });

  it('T27 is raised once for transactions out of order and each twice, as case g says', () => {
    const [de, fr, us] = onOneCard('DE 0:00', 'FR 0:10', 'US 0:20');
    expect(found([us!, de!, de!, fr!, us!, fr!]).alerts).toEqual(['e0 e1 e2']);
  });

  it('is not raised with a late transaction, which goes to its own topic', () => {
    const [de, fr, us] = onOneCard('DE 0:00', 'FR 1:00', 'US 4:00');
    expect(found([de!, us!, fr!])).toEqual({ alerts: [], late: ['e1'] });
  });

  it('is not raised with a transaction that is further ahead of its record than the grace period', () => {
    using driver = new TopologyTestDriver(topology({ distinct: 'consecutive', graceMs: seconds(30) }));
    const input = driver.createInputTopic(topics.transactions, serdes.string, transactionJson);
    const fast = paid('DE 0:31', 'e0');
    input.pipeInput(fast.cardId, fast, seconds(1));
    expect(() => input.pipeInput(fast.cardId, fast, seconds(1) - 1)).toThrow('more than 30000 ms after');
  });
});
