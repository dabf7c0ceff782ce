import type { Hold, KnownDefinition, SagaService } from '../../api/sagas.ts';
import { Acts, type Act } from '../../kit/acts.tsx';
import { Time } from '../../kit/clock.tsx';
import { postJson } from '../../kit/session.ts';
import { Panel } from '../../kit/states.tsx';
import { Sign } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';

interface Holdable extends Pick<Hold, 'kind' | 'name'> {
  /** The hold; absent while nothing is held back. */
  readonly hold?: Hold | undefined;
}

interface HoldsProps {
  readonly service: SagaService;
  readonly definition: KnownDefinition;
}

/**
 * The holds that an operator can set: on every saga of the definition, or on the commands to a
 * participant.
 */
export function Holds({ service: { service, holds }, definition }: HoldsProps) {
  const withHold = (kind: Hold['kind'], name: string): Holdable => ({
    kind,
    name,
    hold: holds.find((hold) => hold.kind === kind && hold.name === name),
  });
  const columns: readonly Column<Holdable>[] = [
    { name: 'What', cell: said },
    { name: 'State', wide: true, cell: StateOf },
    { name: 'Act', cell: (row) => <Acts acts={[actOn(service, row)]} /> },
  ];
  return (
    <Panel
      title="What can be held back"
      aside={`every saga, or the commands on a topic, in the service ${service}`}
    >
      <Table
        label="holds"
        columns={columns}
        rows={[
          withHold('definition', definition.name),
          ...definition.commandTopics.map((topic) => withHold('commands', topic)),
        ]}
        keyOf={said}
      />
    </Panel>
  );
}

const said = ({ kind, name }: Holdable): string => (kind === 'definition' ? `every saga of ${name}` : name);

const explanations = {
  hold: 'The sagas record what comes, send nothing, and no step times out until the release. Every process follows within a second.',
  release: 'The sagas go on: what was not sent is sent.',
};

function actOn(service: string, row: Holdable): Act {
  const { kind, name, hold } = row;
  const act = hold === undefined ? 'hold' : 'release';
  const path = hold === undefined ? '/ops/saga-holds' : '/ops/saga-holds/release';
  return {
    name: act,
    title: `${act} ${said(row)}`,
    explanation: explanations[act],
    act: (signed) => postJson('/api/acts', { service, path, order: { ...signed, kind, name } }),
  };
}

const StateOf = ({ hold }: Holdable) =>
  hold === undefined ? (
    <span class="quiet">goes on</span>
  ) : (
    <>
      <div class="status waiting">
        <Sign tone="waiting" /> held back
      </div>
      <p>
        {hold.actor}, <Time at={hold.heldAt} />: {hold.reason}
      </p>
    </>
  );
