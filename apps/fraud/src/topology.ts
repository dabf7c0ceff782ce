import {
  consumed,
  days,
  fromValue,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  timeWindows,
  type LogRecord,
  type TimestampExtractor,
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

/** Refuses a record without a value. */
function occurredAtMs(each: Transaction | null): number {
  if (each === null) throw new RangeError('the record has no value');
  return Date.parse(each.occurredAt);
}

/** Refuses a transaction whose key is not its card: its alert would stand at another card, or at none. */
function refuseOtherKey({ key, value }: LogRecord<string | null, Transaction | null>): void {
  if (value !== null && key !== value.cardId)
    throw new TypeError(`the key ${key} is not the cardId ${value.cardId}`);
}

/** Applies the rule to the transactions of each card, in event time. */
export function topology({ distinct, graceMs }: FraudOptions): Topology {
  const builder = new StreamsBuilder();
  const timeOf = fromValue(occurredAtMs, { aheadMsMax: graceMs });
  const timestampExtractor: TimestampExtractor<string, Transaction> = (record, partitionTimeMs) => {
    refuseOtherKey(record);
    return timeOf(record, partitionTimeMs);
  };
  const transactions = builder.stream(
    topics.transactions,
    consumed(serdes.string, transactionJson, { timestampExtractor }),
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
