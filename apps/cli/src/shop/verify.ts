import { pause, type Clock, type DurationMs } from '@millrace/streaming-core/runtime';
import { addressesOf } from '../addresses.ts';
import { readBooks, type Books } from './books/books.ts';
import { checkBooks, expectedOf } from './books/check-books.ts';
import { isPassing, type Violation } from './books/violation.ts';
import { checkServices, overviewViolations, type ServiceViolation } from './books/check-services.ts';
import { serviceNames, type ServiceDatabases } from './books/service-databases.ts';
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
    const databases = databasesOf(call);
    const readUrl = addressesOf(call).readDatabase('order');
    const waitMs = 1_000 * (options.count('wait') ?? waitByDefault);
    const progress = progressOn(session.terminal, 'checking the books');
    let books: Books | undefined;
    const look = async () => {
      books = await readBooks(databases);
      return [
        ...checkBooks(books, expectedOf(books)),
        ...(await checkServices(databases, books)),
        ...(await overviewViolations(databases, readUrl)),
      ];
    };
    try {
      const { clock, signal } = session;
      const onLook = (_left: number, waitedMs: number) => progress.show(waitedMs, waitMs);
      const found = await lastingViolations({ look, waitMs, everyMs, clock, signal, onLook });
      progress.end();
      report(call, found, figuresOf(books));
      return found.length === 0 ? 0 : 1;
    } finally {
      progress.end();
    }
  },
};

const databasesOf = (call: Call): ServiceDatabases =>
  Object.fromEntries(
    serviceNames.map((service) => [service, addressesOf(call).database({ service })]),
  ) as unknown as ServiceDatabases;

function figuresOf(books: Books | undefined) {
  const {
    orders = [],
    accounts = new Map<string, number>(),
    stock = new Map<string, object>(),
  } = books ?? {};
  return {
    orders: orders.length,
    open: orders.filter(({ status }) => status === 'open').length,
    accounts: accounts.size,
    products: stock.size,
  };
}

function report(
  { options, session }: Call,
  found: readonly Found[],
  figures: ReturnType<typeof figuresOf>,
): void {
  const { terminal } = session;
  const violations = found.map((one) => ({ ...one, mayBeUnderWay: isPassing(one) }));
  if (options.flag('json')) return terminal.out(jsonOf({ ...figures, violations }));
  const { orders, open, accounts, products } = figures;
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
  terminal.out(`${found.length} violations in ${counted}`);
}

type Found = Violation | ServiceViolation;

interface Looking {
  readonly look: () => Promise<readonly Found[]>;
  readonly waitMs: DurationMs;
  readonly everyMs: DurationMs;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLook: (left: number, waitedMs: DurationMs) => void;
}

/**
 * Looks again until nothing is found or the time is over, and returns the violations that every
 * look found. Work under way looks like a violation for a while, because the databases are not read
 * at one moment.
 */
export async function lastingViolations({
  look,
  waitMs,
  everyMs,
  clock,
  signal,
  onLook,
}: Looking): Promise<readonly Found[]> {
  const start = clock.monotonic();
  let lasting = await look();
  for (;;) {
    const waitedMs = clock.monotonic() - start;
    onLook(lasting.length, waitedMs);
    if (lasting.length === 0 || waitedMs >= waitMs || signal.aborted) return lasting;
    await pause(clock, everyMs, signal);
    const now = new Map((await look()).map((found) => [nameOf(found), found]));
    lasting = lasting.flatMap((before) => now.get(nameOf(before)) ?? []);
  }
}

const nameOf = ({ kind, subject }: Found): string => `${kind} ${subject}`;
