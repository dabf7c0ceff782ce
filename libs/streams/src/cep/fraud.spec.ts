import { describe, expect, it } from '@jest/globals';
import { minutes, seconds } from '@millrace/streaming-core/runtime';
import { serdes } from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';
import {
  fraudTopology,
  idsJson,
  threeCountries,
  type Transaction,
  transactionJson,
} from './transactions.fixture.ts';

interface Scenario {
  readonly pattern?: typeof threeCountries;
  readonly distinct?: boolean;
}

/** Transactions such as `DE 0:30`, in the order of their arrival, with ids from e0 on. */
const transactionsOf = (...texts: readonly string[]): readonly Transaction[] =>
  texts.map((text, index) => {
    const [, country = '', minute, second] = /^(\w+) (\d+):(\d+)$/.exec(text) ?? [];
    const atMs = minutes(Number(minute)) + seconds(Number(second));
    return { transactionId: `e${index}`, country, atMs };
  });

function alertsOf(arrivals: ReadonlyArray<readonly [card: string, Transaction]>, scenario: Scenario = {}) {
  const options = {
    grace: seconds(30),
    ...(scenario.distinct === true && { distinctBy: (tx: Transaction) => tx.transactionId }),
  };
  using driver = new TopologyTestDriver(fraudTopology(scenario.pattern, options));
  const input = driver.createInputTopic('transactions', serdes.string, transactionJson);
  for (const [card, tx] of arrivals) input.pipeInput(card, tx, tx.atMs);
  const later = { transactionId: 'later', country: 'DE', atMs: minutes(60) };
  input.pipeInput('another', later, later.atMs);
  return driver
    .createOutputTopic('alerts', serdes.string, idsJson)
    .readRecordsToList()
    .map(({ key, value, timestampMs }) => `${key} ${value?.join('')} ${timestampMs / 1_000}`);
}

const onOneCard = (...texts: readonly string[]) => transactionsOf(...texts).map((tx) => ['c', tx] as const);

const pairwise = threeCountries
  .where((tx, { taken }) => tx.country !== taken.first.country)
  .skipPastLastEvent();

// The expected alerts are those of Flink CEP 2.2.1.
describe('three countries within five minutes', () => {
  it('T21 a: is found when the third transaction comes', () => {
    expect(alertsOf(onOneCard('DE 0:00', 'FR 1:00', 'US 4:00'))).toEqual(['c e0e1e2 240']);
  });

  it('T21 b: is not found in two countries', () => {
    expect(alertsOf(onOneCard('DE 0:00', 'DE 1:00', 'FR 2:00'))).toEqual([]);
  });

  it('T21 c: is not found if the third comes after five minutes', () => {
    expect(alertsOf(onOneCard('DE 0:00', 'FR 3:00', 'US 5:01'))).toEqual([]);
  });

  it.each([
    ['noSkip', threeCountries.noSkip(), ['c e0e2e4 120', 'c e1e2e4 120']],
    ['skipToNext', threeCountries.skipToNext(), ['c e0e2e4 120', 'c e1e2e4 120']],
    ['skipPastLastEvent', threeCountries.skipPastLastEvent(), ['c e0e2e4 120']],
  ])('T21 d: is found as often as %s says', (_name, pattern, alerts) => {
    const arrivals = onOneCard('DE 0:00', 'DE 0:30', 'FR 1:00', 'FR 1:30', 'US 2:00');

    expect(alertsOf(arrivals, { pattern })).toEqual(alerts);
  });

  it('T21 e: is found if the first country comes again, unless all three must differ', () => {
    const arrivals = onOneCard('DE 0:00', 'FR 1:00', 'DE 2:00');

    expect(alertsOf(arrivals)).toEqual(['c e0e1e2 120']);
    expect(alertsOf(arrivals, { pattern: pairwise })).toEqual([]);
  });

  it('T21 f: is not found across two cards', () => {
    const [de, fr, us] = transactionsOf('DE 0:00', 'FR 1:00', 'US 2:00');

    expect(
      alertsOf([
        ['c', de!],
        ['c', fr!],
        ['d', us!],
      ]),
    ).toEqual([]);
  });

  it('T21 g: is found once if the transactions come out of order and each twice', () => {
    const [de, fr, us] = onOneCard('DE 0:00', 'FR 0:10', 'US 0:20');

    const alerts = alertsOf([us!, de!, de!, fr!, us!, fr!], { distinct: true });

    expect(alerts).toEqual(['c e0e1e2 20']);
  });

  it('T21 h: is not found exactly five minutes apart, but one second less', () => {
    expect(alertsOf(onOneCard('DE 0:00', 'FR 1:00', 'US 5:00'))).toEqual([]);
    expect(alertsOf(onOneCard('DE 0:00', 'FR 1:00', 'US 4:59'))).toEqual(['c e0e1e2 299']);
  });
});
