import { useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import type { RowBatch } from '../api/row-batch.ts';
import { useLive } from './live.ts';
import { Empty, Freshness, Panel } from './states.tsx';
import { nothingTailed, tailedMore, tailSentence, type Tailed } from './tail-model.ts';

interface TailPanelProps<Row> {
  readonly path: string;
  readonly title: string;
  /** The name of one row, such as `message`. */
  readonly what: string;
  readonly children: (rows: readonly Row[]) => ComponentChildren;
}

/** Shows the rows that come from now on at a path, the newest first, until somebody pauses it. */
export function TailPanel<Row>({ path, title, what, children }: TailPanelProps<Row>) {
  const live = useLive<RowBatch<Row>>(path);
  const tailed = useSignal<Tailed<Row>>(nothingTailed);
  const paused = useSignal(false);
  useMemo(() => (tailed.value = nothingTailed), [path]);
  const seen = useRef<object | undefined>(undefined);
  useSignalEffect(() => {
    const batch = live.value.state;
    if (batch?.tail === undefined || batch === seen.current) return;
    seen.current = batch;
    tailed.value = tailedMore(tailed.peek(), batch as RowBatch<Row>, paused.peek());
  });
  return (
    <>
      <Freshness live={live.value} />
      <Panel
        title={title}
        aside={
          <button type="button" aria-pressed={paused.value} onClick={() => (paused.value = !paused.value)}>
            {paused.value ? 'Resume' : 'Pause'}
          </button>
        }
      >
        <div class="scanned" role="status" aria-live="off">
          <span>{tailed.value.begun === 0 ? 'Beginning …' : tailSentence(tailed.value, what)}</span>
        </div>
        {tailed.value.rows.length === 0 ? (
          <Empty title={`Nothing has come yet: new ${what}s appear here, the newest first`} />
        ) : (
          children(tailed.value.rows)
        )}
      </Panel>
    </>
  );
}
