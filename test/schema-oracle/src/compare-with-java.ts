import { isDeepStrictEqual } from 'node:util';
import {
  canonicalText,
  InvalidSchema,
  parseAvro,
  readable,
  type AvroSchema,
} from '@millrace/schema-registry/compatibility';
import type { AvroJava, Judgement, SchemaPair } from './avro-java.ts';
import { randomPair } from './random-pair.ts';

const pairsPerLine = 250;

interface Difference {
  readonly seed: number;
  readonly pair: SchemaPair;
  readonly javas: Judgement;
  readonly ours: Judgement;
}

export interface SchemaReport {
  /** The first seed. */
  readonly seed: number;
  readonly pairs: number;
  /** Pairs of which Java refuses a text. */
  readonly refused: number;
  readonly readable: number;
  /** How often Java found each kind of incompatibility. */
  readonly found: Readonly<Record<string, number>>;
  readonly differences: readonly Difference[];
}

/** Compares what is a schema, its canonical text, and each incompatibility, for this many seeds. */
export async function compareWithJava(
  java: AvroJava,
  { seed: first, pairs }: Pick<SchemaReport, 'seed' | 'pairs'>,
): Promise<SchemaReport> {
  const differences: Difference[] = [];
  const found: Record<string, number> = {};
  let refused = 0;
  let fits = 0;
  for (let done = 0; done < pairs; done += pairsPerLine) {
    const seeds = Array.from(
      { length: Math.min(pairsPerLine, pairs - done) },
      (_, index) => first + done + index,
    );
    const some = seeds.map(randomPair);
    const judged = await java.judge(some);
    for (const [index, pair] of some.entries()) {
      const javas = judged[index]!;
      const ours = judge(pair);
      if (!isDeepStrictEqual(javas, ours)) differences.push({ seed: seeds[index]!, pair, javas, ours });
      if (javas.reader === null || javas.writer === null) refused += 1;
      else if (javas.found?.length === 0) fits += 1;
      for (const { type } of javas.found ?? []) found[type] = (found[type] ?? 0) + 1;
    }
  }
  return { seed: first, pairs, refused, readable: fits, found, differences };
}

function judge({ reader, writer }: SchemaPair): Judgement {
  const readers = schemaOf(reader);
  const writers = schemaOf(writer);
  const texts = {
    reader: readers === undefined ? null : canonicalText(readers),
    writer: writers === undefined ? null : canonicalText(writers),
  };
  if (readers === undefined || writers === undefined) return texts;
  const found = unlessInvalid(() => readable(readers, writers));
  return found === undefined ? { ...texts, ambiguous: true } : { ...texts, found };
}

const schemaOf = (text: string): AvroSchema | undefined => unlessInvalid(() => parseAvro(text).schema);

function unlessInvalid<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidSchema) return undefined;
    throw error;
  }
}

export const reportInWords = ({
  seed,
  pairs,
  refused,
  readable: fits,
  found,
  differences,
}: SchemaReport): string =>
  [
    ...differences
      .slice(0, 3)
      .flatMap(({ seed: at, pair, javas, ours }) => [
        `seed ${at}: reader ${pair.reader}`,
        `    writer ${pair.writer}`,
        `    Java ${JSON.stringify(javas)}`,
        `    ours ${JSON.stringify(ours)}`,
        `    npm run program -- test/schema-oracle/src/main.ts --seed ${at} --pairs 1`,
      ]),
    `${pairs} pairs from seed ${seed} on: ${fits} readable, ${refused} with a text that is no schema, ` +
      `${Object.entries(found)
        .map(([type, count]) => `${count} ${type}`)
        .join(', ')}; ${differences.length} differ`,
  ].join('\n');
