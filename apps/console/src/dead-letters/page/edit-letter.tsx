import type { LetterView } from '@millrace/operations/contract';
import { useSignal } from '@preact/signals';
import { ActButton } from '../../kit/read-only.tsx';
import { Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { DecideDialog } from './decide-dialog.tsx';
import { dataOf, editOf, type Change } from './letters-model.ts';

/** Lets an operator correct the value of a letter, and shows what differs, before it is redriven. */
export function EditLetter({
  service,
  letter,
  close,
}: {
  readonly service: string;
  readonly letter: LetterView;
  readonly close: () => void;
}) {
  const data = dataOf(letter.value);
  const typed = useSignal(typeof data === 'string' ? data : JSON.stringify(data, undefined, 2));
  const sent = useSignal<object | undefined>(undefined);
  const edit = editOf(typed.value, letter);
  return (
    <Panel
      title="Edit the value"
      aside={
        <span class="buttons">
          <button type="button" onClick={close}>
            Leave it
          </button>
          <ActButton
            disabled={edit.problem !== undefined}
            onClick={() => (sent.value = edit.problem === undefined ? edit.value : undefined)}
          >
            Redrive this value
          </ActButton>
        </span>
      }
    >
      <div class="body">
        <label>
          The value that is sent instead. Its type stays {letter.type}.
          <textarea
            rows={Math.min(24, typed.value.split('\n').length + 1)}
            spellcheck={false}
            value={typed.value}
            onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
          />
        </label>
        {edit.problem !== undefined && (
          <p class="quiet" role="status">
            {edit.problem}
          </p>
        )}
      </div>
      {edit.problem === undefined && (
        <Table label="what differs" columns={changeColumns} rows={edit.changes} keyOf={({ path }) => path} />
      )}
      {sent.value !== undefined && (
        <DecideDialog
          order={{ decision: 'redrive', letter: [service, letter.id], value: sent.value }}
          close={() => (sent.value = undefined)}
        />
      )}
    </Panel>
  );
}

const changeColumns: readonly Column<Change>[] = [
  { name: 'Changed', cell: ({ path }) => <code>{path === '' ? 'the whole value' : path}</code> },
  { name: 'Before', wide: true, cell: ({ before }) => <Part value={before} /> },
  { name: 'After', wide: true, cell: ({ after }) => <Part value={after} /> },
];

const Part = ({ value }: { readonly value: unknown }) =>
  value === undefined ? <span class="quiet">not there</span> : <code>{JSON.stringify(value)}</code>;
