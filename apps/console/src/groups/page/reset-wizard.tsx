import { useSignal } from '@preact/signals';
import type { OffsetMove, ShownGroup } from '../../api/groups.ts';
import { Field, named, Select } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { pathTo } from '../../kit/paths.ts';
import { ActButton } from '../../kit/read-only.tsx';
import { postJson } from '../../kit/session.ts';
import { Table, type Column } from '../../kit/table.tsx';
import { count, many } from '../../kit/words.ts';
import { deltaOf, modes, orderOf, type ResetForm } from './reset-model.ts';

export function ResetButton({ shown }: { readonly shown: ShownGroup }) {
  const open = useSignal(false);
  return (
    <>
      <ActButton onClick={() => (open.value = true)}>Reset offsets</ActButton>
      {open.value && <ResetWizard shown={shown} close={() => (open.value = false)} />}
    </>
  );
}

interface ResetWizardProps {
  readonly shown: ShownGroup;
  readonly close: () => void;
}

/** Shows what a reset would change, and then makes exactly these changes. */
function ResetWizard({ shown: { group, partitions }, close }: ResetWizardProps) {
  const form = useSignal<ResetForm>({ mode: 'to-earliest', value: '', topic: '' });
  const moves = useSignal<readonly OffsetMove[] | undefined>(undefined);
  const planned = moves.value;
  const { mode, value, topic } = form.value;
  const { field } = modes[mode] ?? {};

  const submit = async () => {
    const order = { ...orderOf(form.value), ...(planned && { shown: planned }) };
    moves.value = undefined; // what the server refuses has to be looked at again
    const path = pathTo('api', 'groups', 'reset', group);
    const answer = await postJson<{ readonly moves: readonly OffsetMove[] }>(path, order);
    if (planned === undefined) moves.value = answer.moves;
    return planned !== undefined;
  };
  const change = (fields: Partial<ResetForm>) => {
    form.value = { ...form.value, ...fields };
    moves.value = undefined;
  };
  return (
    <FormDialog
      wide
      title={`Reset the offsets of ${group}`}
      explanation="The group must have no members. Nothing is changed before you have seen the moves. Kafka keeps no record of who has moved offsets, or why."
      confirm={planned === undefined ? 'Show the moves' : `Move ${many(planned.length, 'offset')}`}
      submit={submit}
      close={close}
    >
      <Select
        label="It goes on"
        value={mode}
        options={Object.entries(modes).map(([name, { title }]) => [name, title])}
        chosen={(chosen) => change({ mode: chosen, value: '' })}
      />
      {field !== undefined && (
        <Field {...field} required step={1} value={value} typed={(text) => change({ value: text })} />
      )}
      <Select
        label="On"
        value={topic}
        options={[
          ['', 'every partition that it has read'],
          ...named([...new Set(partitions.map((one) => one.topic))]),
        ]}
        chosen={(chosen) => change({ topic: chosen })}
      />
      {planned !== undefined && (
        <div class="moves">
          <Table
            label="moves"
            columns={columns}
            rows={planned}
            keyOf={({ topic: of, partition }) => `${of} ${partition}`}
          />
        </div>
      )}
    </FormDialog>
  );
}

const columns: readonly Column<OffsetMove>[] = [
  { name: 'Topic', cell: ({ topic }) => topic },
  { name: 'Partition', numeric: true, cell: ({ partition }) => partition },
  { name: 'Current', numeric: true, cell: ({ from }) => (from === null ? 'none' : count(from)) },
  { name: 'New', numeric: true, cell: ({ to }) => count(to) },
  { name: 'Change', numeric: true, cell: deltaOf },
];
