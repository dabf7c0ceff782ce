import { useSignal } from '@preact/signals';
import type { OffsetMove, ShownGroup } from '../../api/groups.ts';
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

/** First shows what a reset would change, and then makes exactly these changes. */
function ResetWizard({ shown, close }: { readonly shown: ShownGroup; readonly close: () => void }) {
  const form = useSignal<ResetForm>({ mode: 'to-earliest', value: '', topic: '' });
  const moves = useSignal<readonly OffsetMove[] | undefined>(undefined);
  const planned = moves.value;

  const submit = async () => {
    const order = { ...orderOf(form.value), ...(planned && { shown: planned }) };
    moves.value = undefined; // what the server refuses has to be looked at again
    const path = pathTo('api', 'groups', 'reset', shown.group);
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
      title={`Reset the offsets of ${shown.group}`}
      explanation="The group must have no members. Nothing is changed before you have seen the moves. Kafka keeps no record of who has moved offsets, or why."
      confirm={planned === undefined ? 'Show the moves' : `Move ${many(planned.length, 'offset')}`}
      submit={submit}
      close={close}
    >
      <Fields shown={shown} form={form.value} change={change} />
      {planned !== undefined && (
        <div class="moves">
          <Table
            label="moves"
            columns={columns}
            rows={planned}
            keyOf={({ topic, partition }) => `${topic} ${partition}`}
          />
        </div>
      )}
    </FormDialog>
  );
}

function Fields({
  shown,
  form: { mode, value, topic },
  change,
}: {
  readonly shown: ShownGroup;
  readonly form: ResetForm;
  readonly change: (fields: Partial<ResetForm>) => void;
}) {
  const { field } = modes[mode];
  const enter = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) =>
    change({ value: currentTarget.value });
  const topics = [...new Set(shown.partitions.map((one) => one.topic))];
  return (
    <>
      <label>
        It goes on
        <select
          value={mode}
          onChange={({ currentTarget }) =>
            change({ mode: currentTarget.value as ResetForm['mode'], value: '' })
          }
        >
          {Object.entries(modes).map(([name, { title }]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {field !== undefined && (
        <label>
          {field}
          {mode === 'to-datetime' ? (
            <input required type="datetime-local" step="1" value={value} onInput={enter} />
          ) : (
            <input required inputMode="numeric" value={value} onInput={enter} />
          )}
        </label>
      )}
      <label>
        On
        <select value={topic} onChange={({ currentTarget }) => change({ topic: currentTarget.value })}>
          <option value="">every partition that it has read</option>
          {topics.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

const columns: readonly Column<OffsetMove>[] = [
  { name: 'Topic', cell: ({ topic }) => topic },
  { name: 'Partition', numeric: true, cell: ({ partition }) => partition },
  { name: 'Current', numeric: true, cell: ({ from }) => (from === null ? 'none' : count(from)) },
  { name: 'New', numeric: true, cell: ({ to }) => count(to) },
  { name: 'Change', numeric: true, cell: deltaOf },
];
