import type { KnownDefinition, SagaDefinitions } from '../../api/saga-definitions.ts';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { Empty, Freshness, Loading, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count } from '../../kit/words.ts';
import { rowsOf } from './diagram-model.ts';
import { Holds } from './holds.tsx';
import { SagaDiagram } from './saga-diagram.tsx';

type Listed = KnownDefinition & { readonly service: string };

export const pathOfDefinition = (service: string, name: string): string =>
  pathTo('sagas', 'definitions', service, name);

const sagasOf = ({ name, instances }: KnownDefinition) => (
  <a href={`/sagas?definition=${encodeURIComponent(name)}`}>{count(instances)}</a>
);

/** The definitions of all services, each with its versions. */
export function DefinitionsPage() {
  const live = useLive<SagaDefinitions>('/api/saga-definitions/live');
  const { services, missing = [] } = live.value.state ?? {};
  return (
    <>
      <h1>
        <a href="/sagas">Sagas</a> / Definitions
      </h1>
      <Freshness live={live.value} />
      {missing.map((sentence) => (
        <p key={sentence} class="stale" role="status">
          {sentence}
        </p>
      ))}
      <Panel title="What the services can run">
        {services === undefined ? (
          <Loading />
        ) : services.length === 0 ? (
          <Empty title="No service that answers has a saga" />
        ) : (
          <Table
            label="definitions"
            columns={columns}
            rows={services.flatMap(({ service, definitions }) =>
              definitions.map((one) => ({ ...one, service })),
            )}
            keyOf={({ service, name, version }) => `${service} ${name} ${version}`}
          />
        )}
      </Panel>
    </>
  );
}

const columns: readonly Column<Listed>[] = [
  {
    name: 'Definition',
    cell: ({ service, name, version }) => (
      <a href={`${pathOfDefinition(service, name)}?version=${version}`}>
        {name} {version}
      </a>
    ),
  },
  { name: 'Service', cell: ({ service }) => service },
  {
    name: 'Starts with',
    cell: ({ starts, startsNew }) => (startsNew ? starts.type : <span class="quiet">another version</span>),
  },
  { name: 'Live', numeric: true, cell: sagasOf },
  {
    name: 'Where they wait',
    wide: true,
    cell: ({ waiting }) =>
      waiting.map(({ part, instances }) => `${part} ${count(instances)}`).join(', ') || (
        <span class="quiet">–</span>
      ),
  },
];

/** One definition as a diagram, with the sagas that wait at each part, and what operators hold back. */
export function DefinitionPage({ service, name }: { readonly service: string; readonly name: string }) {
  const live = useLive<SagaDefinitions>('/api/saga-definitions/live');
  const { services, missing } = live.value.state ?? {};
  const owner = services?.find((one) => one.service === service);
  const versions = owner?.definitions.filter((one) => one.name === name) ?? [];
  const shown =
    versions.find(({ version }) => String(version) === queryOf('version')) ??
    versions.find(({ startsNew }) => startsNew) ??
    versions[0];
  return (
    <>
      <h1>
        <a href="/sagas/definitions">Definitions</a> / {name} <span class="mono">of {service}</span>
      </h1>
      <Freshness live={live.value} />
      {owner !== undefined && shown !== undefined ? (
        <>
          <nav class="tabs" aria-label="versions">
            {versions.map((one) => (
              <a
                key={one.version}
                href={withQuery({ version: String(one.version) })}
                aria-current={one === shown ? 'true' : undefined}
              >
                version {one.version}
              </a>
            ))}
          </nav>
          <Panel
            title="The way of a saga, and the way back"
            aside={<>live sagas: {sagasOf(shown)}; “as usual” is what the service sets</>}
          >
            <SagaDiagram rows={rowsOf(shown)} />
          </Panel>
          <Holds service={owner} definition={shown} />
        </>
      ) : services === undefined ? (
        <Loading rows={8} />
      ) : (
        <Empty title={missing?.join('; ') || `The service ${service} has no definition ${name}`}>
          <a href="/sagas/definitions">Show all definitions</a>
        </Empty>
      )}
    </>
  );
}
