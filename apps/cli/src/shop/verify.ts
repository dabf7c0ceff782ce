import {
  databasesOf,
  isPassing,
  lastingViolations,
  lookAtBooks,
  type Counted,
  type Found,
} from '@millrace/books';
import { addressesOf } from '../addresses.ts';
import type { Call, CommandDefinition } from '../command/command.ts';
import { jsonOf, progressOn } from '../terminal/show.ts';
import { renderTable } from '../terminal/table.ts';

const waitByDefault = 10;
const everyMs = 500;

export const verify: CommandDefinition = {
  name: 'verify',
  summary: 'checks the books: whether money, stock, orders, mails and read models agree across all services',
  options: [
    {
      flags: '--wait <seconds>',
      meaning: `how long work under way may disagree (default: ${waitByDefault})`,
    },
  ],
  examples: ['verify', 'verify --wait 60 --json'],
  async run(call) {
    const { options, session } = call;
    const addresses = addressesOf(call);
    const databases = databasesOf((service) => addresses.database({ service }));
    const readUrl = addresses.readDatabase('order');
    const waitMs = 1_000 * (options.count('wait') ?? waitByDefault);
    const progress = progressOn(session.terminal, 'checking the books');
    const look = () => lookAtBooks({ databases, readUrl });
    try {
      const { clock, signal } = session;
      const onLook = (_left: number, waitedMs: number) => progress.show(waitedMs, waitMs);
      const { found, counted } = await lastingViolations({ look, waitMs, everyMs, clock, signal, onLook });
      progress.end();
      report(call, found, counted);
      return found.length === 0 ? 0 : 1;
    } finally {
      progress.end();
    }
  },
};

function report(
  { options, session }: Call,
  found: readonly Found[],
  { orders, open, accounts, products }: Counted,
): void {
  const { terminal } = session;
  const violations = found.map((one) => ({ ...one, mayBeUnderWay: isPassing(one) }));
  if (options.flag('json')) return terminal.out(jsonOf({ orders, open, accounts, products, violations }));
  const counted = `${orders} orders (${open} open), ${accounts} accounts, ${products} products`;
  if (found.length === 0) return terminal.out(`the books agree: ${counted}`);
  terminal.out(
    renderTable(
      {
        VIOLATION: 'kind',
        SUBJECT: 'subject',
        DETAIL: 'detail',
        'MAY BE UNDER WAY': ({ mayBeUnderWay }) => (mayBeUnderWay ? 'yes' : 'no'),
      },
      violations,
    ),
  );
  const violationsInWords = found.length === 1 ? '1 violation' : `${found.length} violations`;
  terminal.out(`${violationsInWords} in ${counted}`);
}
