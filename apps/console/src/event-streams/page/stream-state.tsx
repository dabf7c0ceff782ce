import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Change, StateAt } from '../../api/event-streams.ts';
import { useAnswer } from '../../kit/answer.ts';
import { UtcField } from '../../kit/fields.tsx';
import { JsonView } from '../../kit/json-view.tsx';
import { queryOf, setQuery, withQuery } from '../../kit/router.ts';
import { Empty, Loading, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count } from '../../kit/words.ts';
import { hidesPersonalValues, problemOfPoint, stateQuery, versionIn } from './stream-model.ts';

/** The state at a version or a moment, which the address keeps, and what differs from another point. */
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
              setQuery({ version: currentTarget.value, at: undefined });
              dragged.value = undefined;
            }}
          />
        </label>
        <span class="buttons">
          <Step to={shown - 1} last={last}>
            Earlier
          </Step>
          <Step to={shown + 1} last={last}>
            Later
          </Step>
        </span>
        <UtcField label="Or at a time" value={at} entered={(time) => setQuery({ at: time, version: '' })} />
      </div>
      {problem !== undefined && <p class="problem">{problem.message}</p>}
      {answer === undefined ? problem === undefined && <Loading rows={8} /> : <States shown={answer} />}
    </Panel>
  );
}

/** Leads to the version before or behind, if there is one. */
function Step({
  to,
  last,
  children,
}: {
  readonly to: number;
  readonly last: number;
  readonly children: ComponentChildren;
}) {
  return (
    <button
      type="button"
      disabled={to < 1 || to > last}
      onClick={() => setQuery({ version: String(to), at: undefined })}
    >
      {children}
    </button>
  );
}

function States({ shown: { state, version, comparedWith, changes } }: { readonly shown: StateAt }) {
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
          <Compare />
        </div>
        {changes.length === 0 ? (
          <Empty title="The two states do not differ" />
        ) : (
          <Table label="changes" columns={changeColumns} rows={changes} keyOf={(change) => change.path} />
        )}
      </div>
    </div>
  );
}

function Compare() {
  const typed = queryOf('compare');
  const problem = problemOfPoint(typed);
  return (
    <label>
      Compare with a version or a time
      <input
        value={typed}
        placeholder="the version before"
        maxLength={40}
        onChange={({ currentTarget }) => setQuery({ compare: currentTarget.value.trim() })}
      />
      {problem !== '' && (
        <span class="problem" role="alert">
          {problem}
        </span>
      )}
    </label>
  );
}

const textOf = (value: unknown) =>
  value === undefined ? <span class="quiet">not there</span> : <code>{JSON.stringify(value)}</code>;

const changeColumns: readonly Column<Change>[] = [
  { name: 'Path', wide: true, cell: ({ path }) => <code>{path || '(the whole state)'}</code> },
  { name: 'Before', wide: true, cell: ({ before }) => textOf(before) },
  { name: 'After', wide: true, cell: ({ after }) => textOf(after) },
];
