/** The parts of the rules that name the sample shop. */

/** Exceptions from the rule "declared packages". */
export const packagesOfShop = {
  'apps/dashboard @millrace/console':
    'its page is made of parts of the console, which the bundler takes from source; no process loads them',
  'apps/logs @millrace/console':
    'its page is made of parts of the console, which the bundler takes from source; no process loads them',
} as const;

/** Exceptions from the rule "migrations only add". */
export const migrationsOfShop = {
  'apps/notification/src/migrations/0002-mails-of-returns.sql':
    'the table takes the kinds of mails about returns as well; the previous release writes the other two',
  'apps/payment/src/migrations/0002-returns.sql':
    'a balance may be below zero; the previous release adds to it as before, and refuses withdrawals from it',
} as const;

/** Pages that show code of the shop, each with its test. */
export const pagesOfShop: Readonly<Record<string, string>> = {
  'docs/TUTORIAL.md': 'test/forking/src/tutorial/tutorial.ci.spec.ts',
  'docs/how-to/stream-application.md': 'test/forking/src/new-stream-app.ci.spec.ts',
  'docs/operations/moving-to-kafka.md': 'test/operations/src/move-to-kafka.kafka.spec.ts',
};
