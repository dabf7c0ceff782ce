import { useSignal } from '@preact/signals';
import type { Change, StateAt } from '../../api/event-streams.ts';
import { useAnswer } from '../../kit/answer.ts';
import { Field, UtcField } from '../../kit/fields.tsx';
import { JsonView } from '../../kit/json-view.tsx';
import { queryOf, setQuery, withQuery } from '../../kit/router.ts';
import { Empty, Loading, Panel, Problem } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count } from '../../kit/words.ts';
import { hidesPersonalValues, problemOfPoint, stateQuery, versionIn } from './stream-model.ts';

/**
 * The state at a version or a moment, which the address keeps, and its differences from another
 * state.
 */
export function StreamState({ path, last }: { readonly path: string; readonly last: number }) {
  const dragged = useSignal<string | undefined>(undefined);
  const at = dragged.value === undefined ? queryOf('at') : '';
  const version = dragged.value ?? queryOf('version');
  const compare = problemOfPoint(queryOf('compare')) === '' ? queryOf('compare') : '';
  const query = stateQuery({ version, at, compare }, last);
  const { answer, problem } = useAnswer<StateAt>(`${path}?${query}`).value;
  if (problem?.code === 'not_folded')
    return (
      <Panel id="state" title="State">
        <Empty title="The service folds no state from streams with such a name: they have events only" />
      </Panel>
    );
  const shown = at === '' ? versionIn(version, last) : (answer?.version ?? last);
  const show = (to: string) => setQuery({ version: to, at: undefined });
  return (
    <Panel
      id="state"
      title={problem === undefined ? `State at version ${count(shown)}` : 'State'}
      aside={
        shown < last && <a href={withQuery({ version: undefined, at: undefined })}>Show the latest state</a>
      }
    >
      <div class="body point">
        <label class="slider">
          Version {count(shown)} of {count(last)}
          <input
            type="range"
            min={1}
            max={last}
            value={shown}
            disabled={last === 1}
            onInput={({ currentTarget }) => (dragged.value = currentTarget.value)}
            onChange={({ currentTarget }) => {
              show(currentTarget.value);
              dragged.value = undefined;
            }}
          />
        </label>
        <span class="buttons">
          <button type="button" disabled={shown <= 1} onClick={() => show(String(shown - 1))}>
            Earlier
          </button>
          <button type="button" disabled={shown >= last} onClick={() => show(String(shown + 1))}>
            Later
          </button>
        </span>
        <UtcField label="Or at a time" value={at} entered={(time) => setQuery({ at: time, version: '' })} />
      </div>
      <Problem says={problem?.message} />
      {answer === undefined ? problem === undefined && <Loading rows={8} /> : <States shown={answer} />}
    </Panel>
  );
}

function States({ shown: { state, version, comparedWith, changes } }: { readonly shown: StateAt }) {
  const compare = queryOf('compare');
  return (
    <div class="states">
      <div class="body">
        <h3>State</h3>
        <JsonView value={state} />
        {hidesPersonalValues(state) && (
          <p class="quiet">
            <code>[personal]</code> stands for a value about a person. Operators never see such values, nor
            whether they have changed.
          </p>
        )}
      </div>
      <div>
        <div class="body">
          <h3>
            {comparedWith === version - 1
              ? `What event ${count(version)} has changed`
              : `Changes from version ${count(comparedWith)} to ${count(version)}`}
          </h3>
          <Field
            label="Compare with a version or a time"
            value={compare}
            placeholder="the version before"
            maxLength={40}
            entered={(point) => setQuery({ compare: point.trim() })}
          />
          <Problem says={problemOfPoint(compare)} />
        </div>
        <Table
          label="changes"
          columns={changeColumns}
          rows={changes}
          keyOf={(change) => change.path}
          empty="The two states do not differ"
        />
      </div>
    </div>
  );
}

const jsonOf = (value: unknown) =>
  value === undefined ? <span class="quiet">not there</span> : <code>{JSON.stringify(value)}</code>;

const changeColumns: readonly Column<Change>[] = [
  { name: 'Path', wide: true, cell: ({ path }) => <code>{path || '(the whole state)'}</code> },
  { name: 'Before', wide: true, cell: ({ before }) => jsonOf(before) },
  { name: 'After', wide: true, cell: ({ after }) => jsonOf(after) },
];
