import type { ComponentChildren } from 'preact';
import type { Overview, OverviewState } from '../api/overview.ts';
import type { Session } from '../api/session.ts';
import type { Live } from '../kit/follow.ts';
import { ActsPage } from '../acts/page/acts-page.tsx';
import { ApplicationPage } from '../applications/page/application-page.tsx';
import { ApplicationsPage } from '../applications/page/applications-page.tsx';
import { ChartsPage } from '../charts/page/charts-page.tsx';
import { ConnectorPage, ConnectorsPage } from '../connectors/page/connectors-page.tsx';
import { LetterListPage } from '../dead-letters/page/letter-list-page.tsx';
import { LetterPage } from '../dead-letters/page/letter-page.tsx';
import { StreamPage } from '../event-streams/page/stream-page.tsx';
import { StreamsPage } from '../event-streams/page/streams-page.tsx';
import { FaultsPage } from '../faults/page/faults-page.tsx';
import { GroupListPage } from '../groups/page/group-list-page.tsx';
import { GroupPage } from '../groups/page/group-page.tsx';
import { partsOfPath } from '../kit/paths.ts';
import { OverviewPage } from '../overview/page/overview-page.tsx';
import { ParkedKeysPage } from '../parked-keys/page/parked-keys-page.tsx';
import { PatternsPage } from '../patterns/page/patterns-page.tsx';
import { ProjectionsPage } from '../projections/page/projections-page.tsx';
import { RunbookEntryPage, RunbookPage } from '../runbook/page/runbook-page.tsx';
import { DefinitionPage, DefinitionsPage } from '../sagas/page/definition-page.tsx';
import { SagaListPage } from '../sagas/page/saga-list-page.tsx';
import { SagaPage } from '../sagas/page/saga-page.tsx';
import { SubjectPage, SubjectsPage } from '../schemas/page/subjects-page.tsx';
import { BooksPanel } from '../shop/page/books-panel.tsx';
import { ManyOrders } from '../shop/page/many-orders.tsx';
import { shopPlaces, shopRoutes } from '../shop/page/shop-routes.tsx';
import { TopicListPage } from '../topics/page/topic-list-page.tsx';
import { TopicPage } from '../topics/page/topic-page.tsx';
import { TracePage, TraceSearchPage } from '../trace/page/trace-page.tsx';

export type LiveOverview = Live<OverviewState>;

interface Route {
  readonly path: string;
  /** The title of the browser's tab. */
  readonly title: string;
  readonly view: (parts: Readonly<Record<string, string>>, overview: LiveOverview) => ComponentChildren;
}

/** The parts of a path that its pattern names, such as `id` of `/sagas/:id`. */
type PartsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Readonly<Record<Name, string>> & PartsOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? Readonly<Record<Name, string>>
    : unknown;

const route = <Path extends string>(
  path: Path,
  title: string,
  view: (parts: PartsOf<Path>, overview: LiveOverview) => ComponentChildren,
): Route => ({ path, title, view: (parts, overview) => view(parts as PartsOf<Path>, overview) });

const servicesIn = ({ state }: LiveOverview): readonly string[] =>
  state?.services?.map(({ service }) => service) ?? [];
const definitionsIn = ({ state }: LiveOverview): readonly string[] =>
  state?.sagas?.map(({ definition }) => definition) ?? [];
/** Returns the present faults; undefined while the first answer is awaited. */
const faultsIn = ({ state, failure, lost }: LiveOverview) =>
  state?.faults ?? (failure === null && lost === undefined ? undefined : []);
const jobsIn = ({ state }: LiveOverview) => state?.jobs ?? [];

const routes: readonly Route[] = [
  route('/', 'Overview', (_, live) => (
    <OverviewPage live={live}>
      <BooksPanel />
    </OverviewPage>
  )),
  ...shopRoutes,
  route('/sagas', 'Sagas', (_, live) => (
    <SagaListPage definitions={definitionsIn(live)} jobs={jobsIn(live)} />
  )),
  route('/sagas/definitions', 'Definitions of sagas', () => <DefinitionsPage />),
  route('/sagas/definitions/:service/:name', 'Definition of a saga', (parts) => (
    <DefinitionPage {...parts} />
  )),
  route('/sagas/:service/:definition/:id', 'Saga', (parts) => <SagaPage {...parts} />),
  route('/dead-letters', 'Dead letters', (_, live) => <LetterListPage jobs={jobsIn(live)} />),
  route('/dead-letters/:service/:id', 'Dead letter', (parts) => <LetterPage {...parts} />),
  route('/parked-keys', 'Parked keys', () => <ParkedKeysPage />),
  route('/trace', 'Trace', () => <TraceSearchPage />),
  route('/trace/:id', 'Trace', ({ id }, live) => <TracePage id={id} definitions={definitionsIn(live)} />),
  route('/topics', 'Topics', () => <TopicListPage />),
  route('/topics/:topic', 'Topic', ({ topic }, { state }) => (
    <TopicPage topic={topic} flows={state?.flows ?? []} />
  )),
  route('/groups', 'Groups', () => <GroupListPage />),
  route('/groups/:group', 'Group', (parts) => <GroupPage {...parts} />),
  route('/streams', 'Event streams', (_, live) => <StreamsPage services={servicesIn(live)} />),
  route('/streams/:service/:stream', 'Event stream', (parts) => <StreamPage {...parts} />),
  route('/projections', 'Projections', () => <ProjectionsPage />),
  route('/applications', 'Stream applications', () => <ApplicationsPage />),
  route('/applications/:application', 'Stream application', (parts) => <ApplicationPage {...parts} />),
  route('/connectors', 'Connectors', () => <ConnectorsPage />),
  route('/connectors/:connector', 'Connector', (parts) => <ConnectorPage {...parts} />),
  route('/schemas', 'Schemas', () => <SubjectsPage />),
  route('/schemas/:subject', 'Schema', (parts) => <SubjectPage {...parts} />),
  route('/faults', 'Faults', (_, live) => (
    <FaultsPage overview={live}>
      <ManyOrders />
    </FaultsPage>
  )),
  route('/charts', 'Charts', () => <ChartsPage />),
  route('/acts', 'Acts of operators', (_, live) => <ActsPage services={servicesIn(live)} />),
  route('/patterns', 'Patterns', (_, live) => <PatternsPage live={live} />),
  route('/runbook', 'Runbook', (_, live) => <RunbookPage faults={faultsIn(live)} />),
  route('/runbook/:rule', 'Runbook', ({ rule }, live) => (
    <RunbookEntryPage rule={rule} faults={faultsIn(live)} />
  )),
];

/** The entries of the navigation, each with its counter. */
const places: ReadonlyArray<{
  readonly path: string;
  readonly name: string;
  /** Whether a new group of entries begins with it. */
  readonly apart?: true;
  readonly bad?: (overview: Overview) => number;
  /** The permission of the session that it needs. */
  readonly needs?: 'faults';
}> = [
  { path: '/', name: 'Overview', bad: ({ faults }) => faults.length },
  ...shopPlaces,
  {
    path: '/sagas',
    name: 'Sagas',
    apart: true,
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
  { path: '/trace', name: 'Trace', apart: true },
  { path: '/topics', name: 'Topics' },
  { path: '/groups', name: 'Groups' },
  { path: '/streams', name: 'Event streams' },
  { path: '/projections', name: 'Projections' },
  { path: '/applications', name: 'Stream applications' },
  { path: '/connectors', name: 'Connectors' },
  { path: '/schemas', name: 'Schemas' },
  { path: '/faults', name: 'Faults', needs: 'faults' },
  { path: '/charts', name: 'Charts' },
  { path: '/acts', name: 'Acts', apart: true },
  { path: '/runbook', name: 'Runbook' },
  { path: '/patterns', name: 'Patterns' },
];

export const placesFor = (session: Session | undefined) =>
  places.filter(({ needs }) => needs === undefined || session?.[needs] === true);

export function viewOf(path: string, overview: LiveOverview) {
  for (const { path: pattern, title, view } of routes) {
    const parts = partsOfPath(pattern, path);
    if (parts !== undefined) return { title, content: view(parts, overview) };
  }
  return undefined;
}
