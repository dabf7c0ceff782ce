import type { KnownDefinition, SagaDefinitions } from '../../api/sagas.ts';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { Dash, Empty, LivePage, Missing, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { tabOf, Tabs } from '../../kit/tabs.tsx';
import { Trail } from '../../kit/links.tsx';
import { count } from '../../kit/words.ts';
import { rowsOf } from './diagram-model.ts';
import { Holds } from './holds.tsx';
import { SagaDiagram } from './saga-diagram.tsx';

type Listed = KnownDefinition & { readonly service: string };

export const pathOfDefinition = (service: string, name: string): string =>
  pathTo('sagas', 'definitions', service, name);

interface DefinitionLinkProps {
  readonly service: string;
  readonly name: string;
  readonly version: number;
}

export const DefinitionLink = ({ service, name, version }: DefinitionLinkProps) => (
  <a href={`${pathOfDefinition(service, name)}?version=${version}`}>
    {name} {version}
  </a>
);

const useDefinitions = () => useLive<SagaDefinitions>('/api/sagas/definitions/live').value;

const sagasOf = ({ name, instances }: KnownDefinition) => (
  <a href={`/sagas?definition=${encodeURIComponent(name)}`}>{count(instances)}</a>
);

/** The definitions of all services, each with its versions. */
export function DefinitionsPage() {
  return (
    <LivePage title={<Trail from={['/sagas', 'Sagas']} here="Definitions" />} live={useDefinitions()}>
      {({ services, missing }) => (
        <>
          <Missing sentences={missing} />
          <Panel title="What the services can run">
            <Table
              label="definitions"
              columns={columns}
              rows={services.flatMap(({ service, definitions }) =>
                definitions.map((one) => ({ ...one, service })),
              )}
              keyOf={({ service, name, version }) => `${service} ${name} ${version}`}
              empty="No service that answers has a saga"
            />
          </Panel>
        </>
      )}
    </LivePage>
  );
}

const columns: readonly Column<Listed>[] = [
  { name: 'Definition', cell: DefinitionLink },
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
      waiting.map(({ part, instances }) => `${part} ${count(instances)}`).join(', ') || <Dash />,
  },
];

interface DefinitionName {
  readonly service: string;
  readonly name: string;
}

/** One definition as a diagram, with the sagas that wait at each part, and what operators hold back. */
export function DefinitionPage({ service, name }: DefinitionName) {
  const title = <Trail from={['/sagas/definitions', 'Definitions']} here={name} id={`of ${service}`} />;
  return (
    <LivePage title={title} live={useDefinitions()}>
      {(state) => <Definition service={service} name={name} state={state} />}
    </LivePage>
  );
}

function Definition({ service, name, state }: DefinitionName & { readonly state: SagaDefinitions }) {
  const owner = state.services.find((one) => one.service === service);
  const versions = (owner?.definitions.filter((one) => one.name === name) ?? []).toSorted(
    (one, other) => Number(other.startsNew) - Number(one.startsNew),
  );
  const tabs = versions.map(({ version }) => [String(version), `version ${version}`] as const);
  const shown = versions.find(({ version }) => String(version) === tabOf('version', tabs));
  if (owner === undefined || shown === undefined)
    return (
      <Empty title={state.missing.join('; ') || `The service ${service} has no definition ${name}`}>
        <a href="/sagas/definitions">Show all definitions</a>
      </Empty>
    );
  return (
    <>
      <Tabs label="versions" name="version" options={tabs} />
      <Panel
        title="The way of a saga, and the way back"
        aside={<>live sagas: {sagasOf(shown)}; “as usual” is what the service sets</>}
      >
        <SagaDiagram rows={rowsOf(shown)} />
      </Panel>
      <Holds service={owner} definition={shown} />
    </>
  );
}
