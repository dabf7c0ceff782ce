import {
  consumed,
  days,
  materialized,
  minutes,
  produced,
  serdes,
  StreamsBuilder,
  timeWindows,
  type LogRecord,
  type Topology,
} from '@millrace/streams';
import { detect } from '@millrace/streams/cep';
import { alertOf, transaction, type FraudAlert, type Transaction } from './domain/transaction.ts';
import { threeCountries, type Distinct } from './rule.ts';

/** The consumer group. It also begins the names of the internal topics, so it must not change. */
export const applicationId = 'fraud';
export const topics = {
  transactions: 'transactions',
  alerts: 'fraud-alerts',
  /** Transactions that arrived after the grace period. */
  late: 'late-transactions',
  /** Transactions that are not valid, with the reason in their headers. */
  refused: 'refused-transactions',
} as const;
/** The store with the latest alerts of each card, by day. */
export const alertsByCard = 'alerts-by-card';

export const transactionJson = serdes.json<Transaction>(transaction);
export const alertJson = serdes.json<FraudAlert>();

/** How long the store keeps alerts. */
export const alertsKeptMs = days(30);
/** How many alerts of a card the store keeps for each day. The topic has all of them. */
const alertsPerDayMax = 20;

export interface FraudOptions {
  readonly distinct: Distinct;
  /** How long a transaction waits for earlier ones, in milliseconds of event time. */
  readonly graceMs: number;
}

/** How much later than the log a clock of a till may be. */
const clockErrorMsMax = minutes(5);

/**
 * The time at which a transaction occurred. One in the future is refused: event time never goes back,
 * so all others would be late from then on.
 */
function timeOf({ value, timestampMs }: LogRecord<string, Transaction>): number {
  const occurredMs = Date.parse(value?.occurredAt ?? '');
  if (occurredMs <= timestampMs + clockErrorMsMax) return occurredMs;
  throw new RangeError(`occurredAt ${value?.occurredAt} is more than 5 minutes after the record was written`);
}

/** Applies the rule to the transactions of each card, in event time. */
export function topology({ distinct, graceMs }: FraudOptions): Topology {
  const builder = new StreamsBuilder();
  const transactions = builder.stream(
    topics.transactions,
    consumed(serdes.string, transactionJson, { timestampExtractor: timeOf }),
  );
  const alerts = detect(transactions, threeCountries(distinct), {
    name: 'three-countries',
    grace: graceMs,
    late: topics.late,
    distinctBy: ({ transactionId }) => transactionId,
  }).mapValues(({ first, second, third }) => alertOf([first, second, third]));
  alerts.to(topics.alerts, produced(serdes.string, alertJson));
  alerts
    .groupByKey()
    .windowedBy(timeWindows(days(1)).grace(days(7)))
    .aggregate(
      (): readonly FraudAlert[] => [],
      (_cardId, alert, before) => [alert, ...before].slice(0, alertsPerDayMax),
      materialized(alertsByCard, {
        keySerde: serdes.string,
        valueSerde: serdes.json<readonly FraudAlert[]>(),
        retentionMs: alertsKeptMs,
      }),
    );
  return builder.build();
}
