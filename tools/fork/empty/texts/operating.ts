import { pluralOf, spellingsOf } from '../../../generators/source/names.ts';
import { withoutSections } from '../../../generators/source/pages.ts';
import type { FirstService } from '../pages.ts';
import { omit, omitBetween, omitItems, say, sayBetween, type EditsOfPages } from './edit.ts';

/** What the pages about running the system say without the shop. */
export function textsOnOperating({ name, entity, port }: FirstService): EditsOfPages {
  const { upper } = spellingsOf(name);
  return {
    'docs/OPERATIONS.md': [
      say('and starts the services.', 'starts the services, and runs the sample orders.'),
      say(`${name} ${port},`, 'order 3001, inventory 3002, payment 3003, shipping 3004, notification 3005,'),
      omitBetween('npm start -- --once ', 'deletes the contents of the data folder first\n'),
      say(
        `npm start -- --fresh                # deletes the contents of the data folder first\nnpm start -- --replicas ${name}=2     # two processes of ${name}`,
        'npm start -- --once --replicas order=2,inventory=3 # two processes of order, three of inventory',
      ),
      say('of each request', 'of each order'),
      omit('ORDER_STYLE=choreographed npm start # the sample orders are fulfilled without a saga'),
      say('`npm run new -- stream-app` adds', 'docs/how-to/stream-application.md adds'),
      omit('`--no-samples` adds no samples; it does not delete those of earlier starts.'),
      (text) => text.replace(/^\| service, in the order of .*\n/m, ''),
      say('from 3906, from 3941', '3901 to 3905, from 3906, from 3941'),
      say('from 5906, from 5941', '5901 to 5905, from 5906, from 5941'),
      sayBetween(
        `\`npm start -- --replicas ${name}=2\` runs \`${name}\` and \`${name}-2\` on ports ${port} and ${port + 100}.`,
        '`npm start -- --replicas order=2,inventory=3` runs',
        'on 3002, 3102 and 3202.',
      ),
      omitItems('Shop'),
      omit('The check of the books reads the databases of the services, where the console knows their URLs.'),
      omit('; `npm run bench -- console` measures [all of it](reports/console-bench.md)'),
      omit('The shop calls the services by their public addresses.'),
      say(
        '`doctor`: what is wrong, what the processes say, whether a start can succeed;',
        '`doctor`, `verify`: what is wrong, what the processes say, whether a start can succeed, whether the books of all services agree;',
      ),
      omitBetween('- `erase CUSTOMER`, `erase --replay`', '(#personal-data)\n'),
      omitBetween(
        '- `sagas timed` lists what only a timer',
        '(operations/what-to-do.md#a-choreographed-order-hangs).\n',
      ),
      say('so requests are taken', 'so orders are taken'),
      omit('(card, carrier, mail)'),
      omit('; `--once` does, too'),
      omit(', such as `unknown_product`'),
      say(`on ${port}`, 'on 3001'),
      say(`on ${port + 10}`, 'on 3011'),
      say(`on ${port + 20}`, 'on 3021'),
      say(`on ${port + 30}`, 'on 3031'),
      sayBetween(
        `A service with \`readModels: true\` in \`apps/stack/src/stack.ts\` fills tables from the topics of several services. It
follows them as a group of its own, such as \`${name}-projector\` (role \`projector\`), exactly once. The rows are in the`,
        '`GET /order-overviews` shows an order',
        'The rows are in the',
      ),
      sayBetween(
        `While a read database is away, or a partition of a read model is refused, requests that change something are taken and
processed. \`/readyz\` then answers`,
        'While a read database is away,',
        '`/readyz` then answers',
      ),
      omitBetween('To see your own write, ask', 'that the POST returned.'),
      omitBetween('To fill the read model again, run', 'Overviews are missing until they have caught up.\n'),
      omit('docker compose run --rm samples # the sample orders; exits with 0 when each ended as it should'),
      say(
        `\`${name}\` publishes no port on the host, so it can be scaled.`,
        '`order`, `inventory`, `payment`, `shipping`, `notification` publish no port on the host, so each can be scaled.',
      ),
      say(`listens on ${port} and 3010`, 'listens on 3001 to 3005 and 3010'),
      say('`stack/mail` or `stack/gateway`', '`stack/mail`, `stack/gateway` or `stack/samples`'),
      say('and ends with `step_timeout`', 'and cancels the order with `step_timeout`'),
      say('while sagas are under way', 'while orders are under way'),
      say('because the service or the broker', 'because the order service or the broker'),
      sayBetween(
        `A service with \`personalData: true\` in \`apps/stack/src/stack.ts\` seals the personal part of its events, and personal
fields of its commands, with a key for each subject ([why](adr/0030-erasure-destroys-keys.md)). \`/ops/erasures\` of
[the operator API](#the-operator-api) destroys the keys of a subject in that service. Do so in each service that has
some, and keep a list of the erasures outside the databases, so that you can repeat them after a restore. Nobody is
erased while \`PERSONAL_DATA_SEALING=off\`.`,
        'Name, address, e-mail and card token are sealed',
        'Where nobody can be asked, it needs `--unknown`.',
      ),
      omit('Provider, carrier and mail relay have copies of their own.'),
      omitBetween('- `erasures.jsonl`:', 'names another file\n'),
      omit('but the ledger, because backups may outlive the data'),
      say('a saga that hangs', 'an order that hangs'),
      say('a saga hangs', 'an order hangs'),
    ],
    'docs/operations/kubernetes.md': [
      say('What a saga costs', 'What an order costs'),
      omitBetween(
        'The reports show [what three processes',
        '(../reports/scale.md#a-backlog-and-several-processes).',
      ),
      omitBetween('- `npm run verify -- chart-runs`', 'so the test does that instead.\n'),
    ],
    'docs/operations/what-to-do.md': [
      omit(', [a mail was not sent](#a-mail-was-not-sent)'),
      (text) => withoutSections(text, 'A choreographed order hangs|A mail was not sent'),
      omit('`test/e2e` breaks a stack for each entry and follows it to the end.'),
      omit(', such as a parcel that comes back,'),
      omitBetween('If the definition is `choreography`,', 'with the events that they wait for.\n'),
      omit('(`order` in the shop)'),
      omit('In the shop, an order and its saga have the same id.'),
      omitItems('The customer wants to cancel.'),
      omitBetween('A choreographed order fails after', '180 s by default.'),
    ],
    'docs/operations/apache-kafka.md': [
      omit('and runs the same sample orders'),
      say('requests are accepted', 'orders are accepted'),
    ],
    'docs/operations/backup.md': [
      sayBetween(
        'They read what is left of their inputs again, and their output topics then have some records twice.',
        'They read their inputs again:',
        'then have some records twice.',
      ),
      omit('npm run millrace -- erase --replay --reason "restored the backup of 2026-11-20"'),
      (text) => withoutSections(text, 'Erasures after a restore'),
      say('everything that was answered', 'every order that was answered'),
      say('ends each saga', 'ends each of them'),
      sayBetween(
        'Outside systems do not go back in time: find by hand the calls that the restored services have forgotten.',
        'Outside systems do not go back in time:',
        'may end differently.',
      ),
      say('events that were lost', 'events of lost orders'),
      omitItems('A lost log with intact databases.'),
    ],
    'docs/operations/rolling-upgrade.md': [
      omitBetween('Upgrades begin with the commit', '(`rm -rf .millrace` for `npm start`).'),
      omitBetween('`npm run verify -- upgrade` does all of this', 'CI with one service.'),
    ],
    'docs/operations/settings.md': [
      omitBetween('- `ERASURE_LEDGER`', 'backup and restore.\n'),
      say(
        `\`${upper}_PORT\` and so on (default: from ${port}): HTTP ports.`,
        '`ORDER_PORT`, `INVENTORY_PORT`, `PAYMENT_PORT`, `SHIPPING_PORT`, `NOTIFICATION_PORT` (default: 3001 to 3005): HTTP ports.',
      ),
    ],
    'docs/operations/sizing.md': [
      omit('; [PERFORMANCE](../PERFORMANCE.md) has the commands that measure yours'),
      sayBetween(
        'A saga with four services costs about 33 ms of CPU in all when transactions are shared, and 84 ms when its requests\narrive one by one. PostgreSQL uses a third of it, the service of the saga',
        'An order costs about 33 ms',
        'the order service',
      ),
      omitBetween('- two cores finish 20 orders', '(../PERFORMANCE.md#an-order));\n'),
      say('the service that runs sagas', 'the order service'),
      omit('with some orders'),
      omitBetween('At 20 orders a second,', 'writes it for another rate.'),
      say(
        ' and the event topics grow with every request',
        ', the rows of orders and the event topics grow with every order',
      ),
      say('requests slow', 'orders slow'),
    ],
    'docs/operations/tracing.md': [
      say('`call KIND`', '`call card-charge`'),
      say('`record KIND`', '`record card-charge`'),
      sayBetween(
        "A request and all that follows from it are one trace: the relay, every service, the saga's decisions and timers, and\nthe calls to outside systems.",
        'An order is one trace:',
        'and the mail.',
      ),
      say(
        '. A trace is on a page such as',
        ', and a line for each sample order has the address of its page, such as',
      ),
      omit('With `--once` the same lines are printed, and the console ends with the stack.'),
      say(`\`POST /${pluralOf(entity)}\``, '`POST /orders`'),
      say('`saga hire RentalPaid`', '`saga fulfillment InventoryReserved`'),
      say('`timer hire pay`', '`timer fulfillment ship`'),
      say('`SELECT card`', '`SELECT order_summary`'),
    ],
    'deploy/k8s/README.md': [say('helm install acme', 'helm install shop')],
    // What `npm start -- --help` prints.
    'apps/stack/src/options.ts': [
      say(`--replicas ${name}=2`, '--replicas order=2,inventory=3'),
      say(`or on ${upper}_n_PORT`, 'or on ORDER_n_PORT'),
      say(`--split ${name}`, '--split order,inventory'),
      sayBetween(
        `: ${name} (api), and those\n                 with -worker, -relay and -projector behind its name`,
        ': order (api),',
        'order-projector',
      ),
      say(`${upper}_PORT and so on`, 'ORDER_PORT and so on'),
    ],
    'docs/reference/settings.md': [(text) => withoutSections(text, 'Order|Shipping|Notification')],
  };
}
