import {
  consumed,
  fromValue,
  minutes,
  produced,
  seconds,
  serdes,
  StreamsBuilder,
  type Topology,
} from '../index.ts';
import { begin, detect } from '../cep.ts';

export interface Transaction {
  readonly transactionId: string;
  readonly country: string;
  readonly occurredAt: string;
}

export const transactionJson = serdes.json<Transaction>();
export const alertJson = serdes.json<{ readonly transactionIds: string[] }>();

const timestampExtractor = fromValue((tx: Transaction) => Date.parse(tx.occurredAt));

const threeCountries = begin<Transaction>('first')
  .followedBy('second')
  .where((tx, { previous }) => tx.country !== previous.country)
  .followedBy('third')
  .where((tx, { previous }) => tx.country !== previous.country)
  .within(minutes(5))
  .skipPastLastEvent();

/** Reads transactions by card. */
export function fraud(): Topology {
  const builder = new StreamsBuilder();
  const transactions = builder.stream(
    'transactions',
    consumed(serdes.string, transactionJson, { timestampExtractor }),
  );
  detect(transactions, threeCountries, {
    name: 'three-countries',
    grace: seconds(30),
    late: 'late-transactions',
    distinctBy: (tx) => tx.transactionId,
  })
    .mapValues(({ first, second, third }) => ({
      transactionIds: [first, second, third].map((tx) => tx.transactionId),
    }))
    .to('fraud-alerts', produced(serdes.string, alertJson));
  return builder.build();
}
