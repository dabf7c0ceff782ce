import { useSignal } from '@preact/signals';
import { Time } from '../../kit/clock.tsx';
import { useLive } from '../../kit/live.ts';
import { postJson } from '../../kit/session.ts';
import { Freshness, Panel, Problem } from '../../kit/states.tsx';
import { Sign, type Tone } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, many, words } from '../../kit/words.ts';
import type { BooksProgress, BooksResult, BookViolation, BooksView } from '../books/views.ts';

/** Lets a visitor check whether all services agree. It is also available in a read-only console. */
export function BooksPanel() {
  const live = useLive<BooksView>('/api/shop/books/live');
  const problem = useSignal('');
  const ask = async (act: 'check' | 'stop') => {
    problem.value = '';
    try {
      await postJson(`/api/shop/books/${act}`, {});
    } catch (error) {
      problem.value = (error as Error).message;
    }
  };
  const { running = null, last = null } = live.value.state ?? {};
  const act = running === null ? 'check' : 'stop';
  return (
    <>
      <p class="quiet">
        To see messages flow, <a href="/shop">place an order in the shop</a>, and follow it step by step.
      </p>
      <Panel
        id="books"
        title="Books of the shop"
        aside={
          <button type="button" disabled={live.value.state === undefined} onClick={() => void ask(act)}>
            {running === null ? 'Check the books' : 'Stop'}
          </button>
        }
      >
        <div class="body books">
          <Freshness live={live.value} />
          <Problem says={problem.value} />
          <div role="status">
            {running !== null ? <Progress running={running} /> : <Result last={last} />}
          </div>
        </div>
        {running === null && last?.end === 'compared' && last.violations.length > 0 && (
          <Table
            label="differences in the books"
            columns={columns}
            rows={last.violations}
            keyOf={({ kind, subject, detail }) => `${kind} ${subject} ${detail}`}
          />
        )}
      </Panel>
    </>
  );
}

function Progress({ running: { doing, unit, done, of } }: { readonly running: BooksProgress }) {
  const place = unit === 'part' ? `Part ${done + 1} of ${of}` : `Second ${done} of at most ${of}`;
  return (
    <>
      <p>
        {place}: {doing}
      </p>
      <progress max={of} value={done} aria-label="check of the books" />
    </>
  );
}

function Result({ last }: { readonly last: BooksResult | null }) {
  if (last === null)
    return (
      <>
        <p>Nobody has checked the books yet.</p>
        <p class="quiet">
          A check reads the events of all services and compares money, stock, sagas, mails and read models. It
          changes nothing.
        </p>
      </>
    );
  const { tone, verdict, detail } = told(last);
  return (
    <>
      <p class={`status ${tone}`}>
        <Sign tone={tone} />
        <strong>{verdict}</strong>
      </p>
      <p class="quiet">
        {detail} Checked <Time at={last.endedAt} />.
      </p>
    </>
  );
}

function told(last: BooksResult): { readonly tone: Tone; readonly verdict: string; readonly detail: string } {
  if (last.end === 'stopped')
    return { tone: 'idle', verdict: 'The check was stopped', detail: 'It says nothing about the books.' };
  if (last.end === 'failed')
    return { tone: 'failed', verdict: 'The check did not succeed', detail: `${last.reason}.` };
  const { violationsInAll: all, violations, counted } = last;
  const detail = `Compared ${counted}.`;
  if (all === 0) return { tone: 'done', verdict: 'The books agree', detail };
  const first = all > violations.length ? ` These are the first ${count(violations.length)}.` : '';
  const verdict = `The books disagree in ${many(all, 'place')}`;
  return { tone: 'failed', verdict, detail: `${detail}${first}` };
}

/** The id of the order that a difference is about, if it is about one. */
const orderIn = (subject: string): string | undefined => /^order ([0-9a-f-]{36})$/.exec(subject)?.[1];

const columns: readonly Column<BookViolation>[] = [
  { name: 'Difference', cell: ({ kind }) => words(kind) },
  {
    name: 'About',
    cell: ({ subject }) => {
      const order = orderIn(subject);
      return order === undefined ? subject : <a href={`/shop/${order}`}>order {order.slice(-8)}</a>;
    },
  },
  { name: 'What was found', wide: true, cell: ({ detail }) => detail },
  { name: 'May be under way', cell: ({ mayBeUnderWay }) => (mayBeUnderWay ? 'yes' : 'no') },
];
