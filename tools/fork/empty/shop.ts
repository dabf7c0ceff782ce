import { choreographyFiles } from '../../generators/remove-choreography/choreography-files.ts';

/** What belongs to the sample shop, so that it can be taken out as a whole. */

/** Its services, with their messages and their entries in the stack and in docker-compose.yml. */
export const services = ['order', 'inventory', 'payment', 'shipping', 'notification'];

/** Its stream applications, with their entries in the same places. */
export const streamApps = ['analytics', 'dashboard', 'fraud', 'recommendation'];

/** Its files and folders, and the tests and pages that are about it. */
export const paths = [
  ...choreographyFiles,
  'apps/cli/src/shop',
  'apps/cli/src/streams/stream-tree.int.spec.ts',
  'apps/console/src/shop',
  'apps/stack/src/samples',
  'apps/stack/src/shop',
  'libs/books',
  'libs/contracts/src/choreography.ts',

  // Suites that run the whole shop, and what only they use.
  'apps/stack/src/kafka.kafka.spec.ts',
  'apps/stack/src/setup/service-databases.spec.ts',
  'apps/stack/src/stack.ci.spec.ts',
  'test/architecture/src/alert-stories.spec.ts',
  'test/architecture/src/lines.ts',
  'test/architecture/src/readme.spec.ts',
  'test/architecture/src/sample-business.spec.ts',
  'test/architecture/src/shop.ts',
  'test/architecture/src/sizes.spec.ts',
  'test/bench',
  'test/chaos',
  'test/console',
  'test/containers/README.md',
  'test/containers/src/faults.ts',
  'test/containers/src/platform.ci.spec.ts',
  'test/containers/src/platform.ts',
  'test/e2e',
  'test/forking/README.md',
  'test/forking/add-a-step.patch',
  'test/forking/jest.documents.config.mjs',
  'test/forking/src/compile-errors.ts',
  'test/forking/src/empty-project.documents.spec.ts',
  'test/forking/src/fork.ci.spec.ts',
  'test/forking/src/new-stream-app.ci.spec.ts',
  'test/forking/src/remove-service.ci.spec.ts',
  'test/forking/src/system-ports.ts',
  'test/forking/src/tutorial',
  'test/guides',
  'test/how-to/src/clients/completed-orders.int.spec.ts',
  'test/how-to/src/clients/completed-orders.program.ts',
  'test/how-to/src/clients/hold-stock.int.spec.ts',
  'test/how-to/src/clients/hold-stock.program.ts',
  'test/how-to/src/saga-versions',
  'test/how-to/src/upcasting',
  'test/mutants/src/last-run.spec.ts',
  'test/mutants/src/shop-mutants.ts',
  'test/operations',
  'test/reference/recorded',
  'test/reference/src/recorded-sections.ts',
  'test/reference/src/sequence-diagram.ts',
  'test/reference/src/sequences.spec.ts',
  'test/reference/src/with-diagram.ts',
  'test/replication',
  'test/simulation',
  'test/support/src/chromium.ts',
  'test/support/src/shop',
  'test/support/src/stack',

  // Commands about it.
  'tools/ci/test-guides.ts',
  'tools/fork/empty',
  'tools/fork/patch.ts',
  'tools/fork/remove-notification.patch',
  'tools/generators/remove-choreography',
  'tools/generators/remove-console-shop',
  'tools/generators/source/delete-with-uses.spec.ts',
  'tools/generators/source/delete-with-uses.ts',
  'tools/generators/source/pages.spec.ts',
  'tools/generators/source/pages.ts',
  'tools/generators/source/remove-paths.ts',
  'tools/verify/benches.ts',
  'tools/verify/chaos.ts',
  'tools/verify/console.ts',
  'tools/verify/forking.ts',
  'tools/verify/outages.ts',
  'tools/verify/overload.ts',
  'tools/verify/redis.ts',
  'tools/verify/replication.ts',
  'tools/verify/simulation.ts',
  'tools/verify/soak.ts',
  'tools/verify/streams-state.ts',
  'tools/verify/upgrade.ts',

  // Pages whose code or figures come from it.
  'docs/ARCHITECTURE.md',
  'docs/adr/0036-choreography-beside-the-saga.md',
  'docs/PERFORMANCE.md',
  'docs/TUTORIAL.md',
  'docs/how-to',
  'docs/operations/moving-to-kafka.md',
  'docs/pictures',
  'docs/reference/routes.md',
  'docs/reports',
  'docs/USES.md',
];

/** Fields, lists and types of the contracts that only it uses. */
export const declarations = [
  'CancellationReason',
  'OrderLine',
  'PaymentMethod',
  'PricedLine',
  'ReturnReason',
  'ShippingAddress',
  'cardToken',
  'customerId',
  'eventsOfOrders',
  'lines',
  'orderId',
  'orderLine',
  'paymentMethod',
  'postcode',
  'pricedLine',
  'reason',
  'returnReason',
  'shippingAddress',
  'sku',
  'trackingNumber',
];

/** Packages that only it and its tests need. */
export const packages = ['axe-core', 'playwright-core', 'redis', 'vega', 'vega-lite'];
