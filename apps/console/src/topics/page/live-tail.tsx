import { useSignal, useSignalEffect } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { Shown } from '../../api/shown.ts';
import type { TailBatch } from '../../api/topics.ts';
import { useLive } from '../../kit/live.ts';
import { Empty, Freshness, Panel } from '../../kit/states.tsx';
import { FilterFields, filterOf } from './message-fields.tsx';
import { MessageList } from './message-list.tsx';
import { nothingTailed, tailedMore, tailSentence } from './messages-model.ts';

/** The messages that come from now on and fit a filter. */
export function LiveTail({ topic, partitions }: { readonly topic: string; readonly partitions: number }) {
  const query = new URLSearchParams(filterOf() as [string, string][]).toString();
  const path = `/api/topics/tail/${encodeURIComponent(topic)}?${query}`;
  const live = useLive<Shown<TailBatch>>(path);
  const tailed = useSignal(nothingTailed);
  const paused = useSignal(false);
  useMemo(() => (tailed.value = nothingTailed), [path]);
  const seen = useRef<object | undefined>(undefined);
  useSignalEffect(() => {
    const batch = live.value.state;
    if (batch?.tail === undefined || batch === seen.current) return;
    seen.current = batch;
    tailed.value = tailedMore(tailed.peek(), batch as TailBatch, paused.peek());
  });
  return (
    <>
      <div class="fields filter">
        <FilterFields partitions={partitions} />
      </div>
      <Freshness live={live.value} />
      <Panel
        title="Live tail"
        aside={
          <button type="button" aria-pressed={paused.value} onClick={() => (paused.value = !paused.value)}>
            {paused.value ? 'Resume' : 'Pause'}
          </button>
        }
      >
        <div class="scanned" role="status" aria-live="off">
          <span>{tailed.value.begun === 0 ? 'Beginning …' : tailSentence(tailed.value)}</span>
        </div>
        {tailed.value.rows.length === 0 ? (
          <Empty title="Nothing has come yet: new messages appear here, the newest first" />
        ) : (
          <MessageList topic={topic} rows={tailed.value.rows} />
        )}
      </Panel>
    </>
  );
}
