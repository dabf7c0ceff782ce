/** Measures both ways of publishing an outbox in turns, and prints a report as one line of JSON. */
import { parseArgs } from 'node:util';
import { measure, type Measured } from './measure.ts';

/** What `npm run verify -- outbox-by-cdc` makes its page from. */
export interface OutboxReport {
  readonly run: 'outbox-by-cdc';
  readonly measured: readonly Measured[];
}

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '2' } },
});
const measured: Measured[] = [];
for (const perSecond of [100, 1_000])
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const publishedBy of ['the relay', 'a connector'] as const) {
      const messages = Math.round((Number(values.messages) * perSecond) / 1_000);
      const each = await measure(publishedBy, { messages: Math.max(1_000, messages), perSecond });
      measured.push(each);
      process.stderr.write(`${JSON.stringify(each)}\n`);
    }
process.stdout.write(`${JSON.stringify({ run: 'outbox-by-cdc', measured } satisfies OutboxReport)}\n`);
