import type { MessageRow } from '../../api/topics.ts';
import { pathTo } from '../../kit/paths.ts';
import { TailPanel } from '../../kit/tail-panel.tsx';
import { FilterFields, filterOf } from './message-fields.tsx';
import { MessageList } from './message-list.tsx';

/** The messages that come from now on and fit a filter. */
export function LiveTail({ topic, partitions }: { readonly topic: string; readonly partitions: number }) {
  const query = new URLSearchParams(filterOf() as [string, string][]).toString();
  return (
    <>
      <div class="fields filter">
        <FilterFields partitions={partitions} />
      </div>
      <TailPanel<MessageRow>
        path={`${pathTo('api', 'topics', 'tail', topic)}?${query}`}
        title="Live tail"
        what="message"
      >
        {(rows) => <MessageList topic={topic} rows={rows} />}
      </TailPanel>
    </>
  );
}
