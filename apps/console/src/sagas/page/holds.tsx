import { useSignal } from '@preact/signals';
import type { Hold, KnownDefinition, SagaService } from '../../api/saga-definitions.ts';
import { ActDialog } from '../../kit/act-dialog.tsx';
import { Time } from '../../kit/clock.tsx';
import { ActButton } from '../../kit/read-only.tsx';
import { postJson } from '../../kit/session.ts';
import { Panel } from '../../kit/states.tsx';
import { Sign } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';

type Holdable = Pick<Hold, 'kind' | 'name'>;

const explanations = {
  hold: 'The sagas record what comes, send nothing, and no step times out until the release. Every process follows within a second.',
  release: 'The sagas go on: what was not sent is sent.',
};

const said = ({ kind, name }: Holdable): string => (kind === 'definition' ? `every saga of ${name}` : name);

/** What an operator can stop at once: every saga of the definition, or the commands to a participant. */
export function Holds({
  service,
  definition,
}: {
  readonly service: SagaService;
  readonly definition: KnownDefinition;
}) {
  const chosen = useSignal<(Holdable & { readonly act: 'hold' | 'release' }) | undefined>(undefined);
  const held = ({ kind, name }: Holdable) =>
    service.holds.find((hold) => hold.kind === kind && hold.name === name);
  const columns: readonly Column<Holdable>[] = [
    { name: 'What', cell: said },
    {
      name: 'Act',
      cell: (row) => {
        const act = held(row) === undefined ? 'hold' : 'release';
        return <ActButton onClick={() => (chosen.value = { ...row, act })}>{act}</ActButton>;
      },
    },
    { name: 'State', wide: true, cell: (row) => <State hold={held(row)} /> },
  ];
  const topics = definition.commandTopics.map((name) => ({ kind: 'commands' as const, name }));
  return (
    <Panel
      title="What can be held back"
      aside={`every saga, or the commands on a topic, in the service ${service.service}`}
    >
      <Table
        label="holds"
        columns={columns}
        rows={[{ kind: 'definition', name: definition.name }, ...topics]}
        keyOf={said}
      />
      {chosen.value !== undefined && (
        <ActDialog
          title={`${chosen.value.act} ${said(chosen.value)}`}
          explanation={explanations[chosen.value.act]}
          confirm={chosen.value.act}
          act={(signed) => {
            const { act, ...names } = chosen.value!;
            return postJson(`/api/saga-definitions/act/${act}/${service.service}`, { ...signed, ...names });
          }}
          close={() => (chosen.value = undefined)}
        />
      )}
    </Panel>
  );
}

const State = ({ hold }: { readonly hold: Hold | undefined }) =>
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
