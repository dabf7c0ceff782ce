import type { ComponentChildren } from 'preact';
import type { Overview, OverviewState } from '../api/overview.ts';
import type { Live } from '../kit/live.ts';
import { ActsPage } from '../acts/page/acts-page.tsx';
import { LetterListPage } from '../dead-letters/page/letter-list-page.tsx';
import { LetterPage } from '../dead-letters/page/letter-page.tsx';
import { StreamPage } from '../event-streams/page/stream-page.tsx';
import { StreamsPage } from '../event-streams/page/streams-page.tsx';
import { GroupListPage } from '../groups/page/group-list-page.tsx';
import { GroupPage } from '../groups/page/group-page.tsx';
import { partsOfPath } from '../kit/paths.ts';
import { OverviewPage } from '../overview/page/overview-page.tsx';
import { ParkedKeysPage } from '../parked-keys/page/parked-keys-page.tsx';
import { ProjectionsPage } from '../projections/page/projections-page.tsx';
import { RunbookEntryPage, RunbookPage } from '../runbook/page/runbook-page.tsx';
import { DefinitionPage, DefinitionsPage } from '../sagas/page/definition-page.tsx';
import { SagaListPage } from '../sagas/page/saga-list-page.tsx';
import { SagaPage } from '../sagas/page/saga-page.tsx';
import { BooksPanel } from '../shop/page/books-panel.tsx';
import { OrderPage } from '../shop/page/order-page.tsx';
import { ShopPage } from '../shop/page/shop-page.tsx';
import { TopicListPage } from '../topics/page/topic-list-page.tsx';
import { TopicPage } from '../topics/page/topic-page.tsx';
import { TracePage, TraceSearchPage } from '../trace/page/trace-page.tsx';

export type LiveOverview = Live<OverviewState>;

type Parts = Readonly<Record<string, string>>;

interface Route {
  readonly path: string;
  /** The title of the browser's tab. */
  readonly title: string;
  readonly view: (parts: Parts, overview: LiveOverview) => ComponentChildren;
}

const servicesIn = ({ state }: LiveOverview): readonly string[] =>
  state?.services?.map(({ service }) => service) ?? [];

const routes: readonly Route[] = [
  {
    path: '/runbook',
    title: 'Runbook',
    view: (_, { state }) => <RunbookPage faults={state?.faults ?? []} />,
  },
  {
    path: '/runbook/:rule',
    title: 'Runbook',
    view: ({ rule = '' }, { state }) => <RunbookEntryPage rule={rule} faults={state?.faults ?? []} />,
  },
  {
    path: '/',
    title: 'Overview',
    view: (_, overview) => (
      <OverviewPage live={overview}>
        <BooksPanel />
      </OverviewPage>
    ),
  },
  { path: '/shop', title: 'Shop', view: () => <ShopPage /> },
  {
    path: '/shop/:orderId',
    title: 'Order',
    view: ({ orderId = '' }, overview) => <OrderPage orderId={orderId} services={servicesIn(overview)} />,
  },
  {
    path: '/sagas',
    title: 'Sagas',
    view: (_, { state }) => (
      <SagaListPage
        definitions={state?.sagas?.map(({ definition }) => definition) ?? []}
        jobs={state?.jobs ?? []}
      />
    ),
  },
  { path: '/sagas/definitions', title: 'Definitions of sagas', view: () => <DefinitionsPage /> },
  {
    path: '/sagas/definitions/:service/:name',
    title: 'Definition of a saga',
    view: ({ service = '', name = '' }) => <DefinitionPage service={service} name={name} />,
  },
  {
    path: '/sagas/:service/:definition/:id',
    title: 'Saga',
    view: ({ service = '', definition = '', id = '' }) => (
      <SagaPage service={service} definition={definition} id={id} />
    ),
  },
  {
    path: '/dead-letters',
    title: 'Dead letters',
    view: (_, { state }) => <LetterListPage jobs={state?.jobs ?? []} />,
  },
  {
    path: '/dead-letters/:service/:id',
    title: 'Dead letter',
    view: ({ service = '', id = '' }) => <LetterPage service={service} id={id} />,
  },
  { path: '/parked-keys', title: 'Parked keys', view: () => <ParkedKeysPage /> },
  { path: '/trace', title: 'Trace', view: () => <TraceSearchPage /> },
  {
    path: '/trace/:correlationId',
    title: 'Trace',
    view: ({ correlationId = '' }, { state }) => (
      <TracePage id={correlationId} definitions={state?.sagas?.map(({ definition }) => definition) ?? []} />
    ),
  },
  { path: '/topics', title: 'Topics', view: () => <TopicListPage /> },
  {
    path: '/topics/:topic',
    title: 'Topic',
    view: ({ topic = '' }, { state }) => <TopicPage key={topic} topic={topic} flows={state?.flows ?? []} />,
  },
  { path: '/groups', title: 'Groups', view: () => <GroupListPage /> },
  {
    path: '/groups/:group',
    title: 'Group',
    view: ({ group = '' }) => <GroupPage key={group} group={group} />,
  },
  {
    path: '/streams',
    title: 'Event streams',
    view: (_, overview) => <StreamsPage services={servicesIn(overview)} />,
  },
  {
    path: '/streams/:service/:stream',
    title: 'Event stream',
    view: ({ service = '', stream = '' }) => (
      <StreamPage key={`${service} ${stream}`} service={service} stream={stream} />
    ),
  },
  { path: '/projections', title: 'Projections', view: () => <ProjectionsPage /> },
  {
    path: '/acts',
    title: 'Acts of operators',
    view: (_, overview) => <ActsPage services={servicesIn(overview)} />,
  },
];

/** The entries of the navigation, with what is counted beside each. */
export const places: ReadonlyArray<{
  readonly path: string;
  readonly name: string;
  readonly bad?: (overview: Overview) => number;
}> = [
  { path: '/', name: 'Overview', bad: ({ faults }) => faults.length },
  { path: '/shop', name: 'Shop' },
  {
    path: '/sagas',
    name: 'Sagas',
    bad: ({ sagas }) => sagas.reduce((sum, one) => sum + one.needsAttention, 0),
  },
  {
    path: '/dead-letters',
    name: 'Dead letters',
    bad: ({ deadLetters }) => deadLetters.reduce((sum, { letters }) => sum + letters, 0),
  },
  {
    path: '/parked-keys',
    name: 'Parked keys',
    bad: ({ services }) => services.reduce((sum, { parkedKeys }) => sum + parkedKeys, 0),
  },
  { path: '/trace', name: 'Trace' },
  { path: '/topics', name: 'Topics' },
  { path: '/groups', name: 'Groups' },
  { path: '/streams', name: 'Event streams' },
  { path: '/projections', name: 'Projections' },
  { path: '/acts', name: 'Acts' },
  { path: '/runbook', name: 'Runbook' },
];

export function viewOf(path: string, overview: LiveOverview) {
  for (const { path: pattern, title, view } of routes) {
    const parts = partsOfPath(pattern, path);
    if (parts !== undefined) return { title, content: view(parts, overview) };
  }
  return undefined;
}
