import { withoutSections } from '../../../generators/source/pages.ts';
import { say, sayBetween, omit, omitBetween, omitItems, type EditsOfPages } from './edit.ts';

const stepSection = `## Add a step to the saga

To the saga of [the section above](#add-a-saga):

\`\`\`sh
npm run new -- step check --saga hire --by billing --before pay
\`\`\`

The command writes the messages \`CheckHire\`, \`HireChecked\` and so on, a reason, and in the participant a decider with
all that a decider needs. The saga gets the step in its next version, with its diagram and its golden histories. With
\`--unreleased\` the newest version changes instead, which is right if no saga runs with it yet.

The generated participant`;

/** What the pages about changing the code say without the shop. */
export const textsOnChanging: EditsOfPages = {
  'CONTRIBUTING.md': [
    say(
      '`billing: the invoice as pure functions`',
      '`payment: the account and the payment as pure functions`',
    ),
    omit('`order`,'),
  ],
  'docs/DESIGN.md': [omit('(`apps/inventory/src/domain/stock.ts`)')],
  'docs/GLOSSARY.md': [say('such as one booking,', 'such as one order,')],
  'docs/FORKING.md': [
    omit('and `libs/books`'),
    say('know nothing of your business', 'know nothing of orders'),
    sayBetween(
      '[Add a part](how-to/add-a-part.md) has what each generator leaves to you, and\n[remove a part](how-to/remove-a-part.md) the way back.',
      '1. Make the fork,',
      'that you do not need.',
    ),
    omitItems('How much of the shop you keep.', 'Whether `test/forking` stays.'),
    say('with its services,', 'with the five services,'),
    omitBetween('A second commit names', 'has `test/operations`. '),
    (text) => withoutSections(text, 'Begin without the shop'),
    say('it goes into the personal part', '[it goes into the personal part](how-to/personal-data.md)'),
    say('a next version with an upcaster', '[a next version and a step](how-to/upcast-an-event.md)'),
    omitItems('A kind of mail'),
    say('`provideLifecycle`', '[`provideLifecycle`](how-to/external-call.md)'),
    omitItems('Everything'),
    say(
      'where `CHANGELOG.md` conflicts',
      'where `CHANGELOG.md` and `test/operations/src/release.ts` conflict',
    ),
  ],
  'docs/how-to/add-a-part.md': [
    omit(', also [with a new service](#a-new-service-as-a-step-of-an-existing-saga)'),
    sayBetween(
      'A read model: `npm run new -- read-model NAME --in SERVICE`, after which you choose its columns\n',
      'A read model:',
      'is written by hand](read-model.md#a-topic-projection).\n',
    ),
    say('its topology', '[its topology](stream-application.md)'),
    omit('What it reads and sends is also in the traces that `test/e2e/src/traces.e2e.spec.ts` expects.'),
    omitItems(
      'Whether it belongs to an order.',
      'Whether it asks an outside system',
      'Whether it keeps books',
    ),
    say(
      'and the settings and the module of [personal data](../../libs/personal-data/README.md).',
      'and settings, module and events like those of `apps/shipping`.',
    ),
    say('a smaller form with', '[a smaller form](saga.md#the-way) with'),
    omit(', like `ReturnParcelReceived` of `POST /shipments/ORDER/return-parcel`'),
    omit('`apps/order/src/returns/` is a saga with branches, waits and steps side by side.'),
    sayBetween(stepSection, '## Add a step to the saga', 'The generated participant'),
    say(
      'or a private event without its public message.',
      'a private event without its public message, and a reason without a mail text.',
    ),
    say('in the new decider,', 'in the new decider in `apps/inventory/src/domain`,'),
    omitItems(
      'Tests that expect the whole flow.',
      'What the customer reads.',
      'Whether the step asks an outside system.',
      'The simulation of the shop.',
    ),
    say('that cannot refuse takes', 'that cannot refuse, such as notification, takes'),
    say('Sagas in flight stay', 'Orders in flight stay'),
    say('`hireVersions`', '`fulfillmentVersions`'),
    say('the last saga of version 1', 'the last order of version 1'),
    (text) => withoutSections(text, 'A new service as a step of an existing saga'),
  ],
  'docs/how-to/remove-a-part.md': [
    say(
      'for a service and a stream application;',
      'for a service, a stream application, the shop of the console and the choreographed style;',
    ),
    say('npm run remove -- service loyalty', 'npm run remove -- service notification'),
    omit('In the shop that is so for order, inventory, payment and shipping.'),
    omitBetween('The shop asks notification for mails,', 'for the next service that sends mails.\n'),
    (text) => withoutSections(text, 'Remove the shop from the console|Remove the choreographed style'),
    say('`apps/rental/golden-histories`', '`apps/order/golden-histories`'),
    say('`apps/rental/src/hire/hire.fixture.ts`', '`fulfillment.fixture.ts`'),
    say('`apps/rental/src/hire/hire.saga.spec.ts`', '`fulfillment.saga.spec.ts`'),
    say('`hireVersions`', '`fulfillmentVersions`'),
    omit('The compiler then leads you to the text in `apps/notification/src/domain/templates.ts`.'),
  ],
  'docs/HACKING.md': [
    (text) => withoutSections(text, 'Add a step to the saga'),
    omit(', and [How do I ...?](how-to/README.md) has a page for each pattern'),
    say('kcat, strace and git', 'kcat, strace, curl and git'),
    omit('`test/e2e` and `test/guides` share one running system per project (target `test-e2e`).'),
    omit(', or to a `Shop` of the end-to-end tests,'),
    omit('npm run test:guides -- G22'),
    say('`npm run verify` never replays', '`npm run bench` and `npm run verify` never replay'),
    say('# also kills and TLS', '# also every story, all guides, kills, TLS and three brokers'),
    sayBetween('[crashes of the broker]', '[end to end](', '[crashes of the broker]'),
    sayBetween(
      'and [mutants](../test/mutants/README.md).',
      '[three brokers that fail]',
      '[benches](../test/bench/README.md).',
    ),
    say(
      'and [testing](../libs/testing/README.md).',
      '[testing](../libs/testing/README.md) and [books](../libs/books/README.md).',
    ),
    omitBetween('`npm start -- --no-samples` starts the system', '-d \'{"amount":100000}\'\n```\n\n'),
    say('shows the spans of each request', 'shows the spans of each order'),
    omit(
      'In a test, `new TestTrace(stack)` begins a trace that the shared system samples (`test/support/src/shop/traces.ts`).',
    ),
    omit('with a story in `test/e2e/src/runbook`'),
    omit('A journey in `test/console`, with the axe check in both themes.'),
    sayBetween(
      '`npm run new -- read-model NAME --in SERVICE` writes one. Besides:',
      '[How do I show something in a new way,',
      'writes one by hand. Besides:',
    ),
  ],
  'docs/adr/0015-a-release-starts-beside-the-next.md': [
    omit('`npm run verify -- upgrade` tries both from a pinned commit.'),
  ],
  'docs/adr/0023-one-table-of-events.md': [omit('(`npm run bench -- sizing --thousand-events 6000`)')],
  'docs/adr/0033-simulating-consumer-and-relay.md': [
    say('The simulation of the sample shop', '`test/simulation`'),
  ],
  'libs/saga/README.md': [omit('(`apps/order/src/returns/return.saga.spec.ts`)')],
  'docs/GUARANTEES.md': [say('## The system as a whole', '## Whole orders')],
  'test/mutants/README.md': [say('about sagas and messages', 'about orders, money and messages')],
  'test/streams-oracle/README.md': [
    say(
      '`docs/reports` (`streams-oracle`, `flink-cep`)',
      '`docs/reports/streams-oracle.md` and `flink-cep.md`',
    ),
  ],
  'docs/METRICS.md': [say('the services', 'the five services')],
};
