import { consumed, fromValue, produced, serdes, StreamsBuilder, type Topology } from '../index.ts';
import { begin, detect, type DetectOptions } from '../cep.ts';
import { minutes } from '@millrace/streaming-core/runtime';

export interface Transaction {
  readonly transactionId: string;
  readonly country: string;
  readonly atMs: number;
}

export const transactionJson = serdes.json<Transaction>();
export const idsJson = serdes.json<readonly string[]>();

/** Three transactions within five minutes, each from another country than the one before. */
export const threeCountries = begin<Transaction>('first')
  .followedBy('second')
  .where((tx, { previous }) => tx.country !== previous.country)
  .followedBy('third')
  .where((tx, { previous }) => tx.country !== previous.country)
  .within(minutes(5));

type Options = Omit<DetectOptions<string, Transaction, object>, 'timedOut'>;

/** Reads `transactions` by card, and writes the ids of each match to `alerts`. */
export function fraudTopology(pattern = threeCountries.skipPastLastEvent(), options: Options = {}): Topology {
  const builder = new StreamsBuilder();
  const timestampExtractor = fromValue((tx: Transaction) => tx.atMs);
  const transactions = builder.stream(
    'transactions',
    consumed(serdes.string, transactionJson, { timestampExtractor }),
  );
  detect(transactions, pattern, options)
    .mapValues(({ first, second, third }): readonly string[] =>
      [first, second, third].map((tx) => tx.transactionId),
    )
    .to('alerts', produced(serdes.string, idsJson));
  return builder.build();
}
