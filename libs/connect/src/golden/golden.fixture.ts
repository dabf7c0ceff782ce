import { readFileSync } from 'node:fs';

/** The results of Kafka's own converters and transforms, by the names that `GoldenValues.java` gives them. */
export const golden: ReadonlyMap<string, string> = new Map(
  readFileSync(new URL('connect-4.3.1.tsv', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t', 2) as [string, string]),
);
