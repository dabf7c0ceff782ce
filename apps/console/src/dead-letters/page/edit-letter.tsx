import type { LetterView } from '@millrace/operations/contract';
import { useSignal } from '@preact/signals';
import { Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { DecideButton } from './decide-dialog.tsx';
import { dataOf, editOf, type Change } from './letters-model.ts';

interface EditLetterProps {
  readonly service: string;
  readonly letter: LetterView;
  readonly close: () => void;
}

/**
 * Lets an operator correct the value of a letter before it is redriven, and shows the differences.
 */
export function EditLetter({ service, letter, close }: EditLetterProps) {
  const data = dataOf(letter.value);
  const typed = useSignal(typeof data === 'string' ? data : JSON.stringify(data, undefined, 2));
  const { value, changes, problem } = editOf(typed.value, letter);
  return (
    <Panel
      title="Edit the value"
      aside={
        <span class="buttons">
          <button type="button" onClick={close}>
            Leave it
          </button>
          <DecideButton
            disabled={value === undefined}
            order={{ decision: 'redrive', letter: [service, letter.id], value }}
          >
            Redrive this value
          </DecideButton>
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
        {problem !== undefined && (
          <p class="quiet" role="status">
            {problem}
          </p>
        )}
      </div>
      {changes !== undefined && (
        <Table label="what differs" columns={changeColumns} rows={changes} keyOf={({ path }) => path} />
      )}
    </Panel>
  );
}

const changeColumns: readonly Column<Change>[] = [
  { name: 'Changed', cell: ({ path }) => <code>{path === '' ? 'the whole value' : path}</code> },
  { name: 'Before', wide: true, cell: ({ before }) => partOf(before) },
  { name: 'After', wide: true, cell: ({ after }) => partOf(after) },
];

const partOf = (value: unknown) =>
  value === undefined ? <span class="quiet">not there</span> : <code>{JSON.stringify(value)}</code>;
