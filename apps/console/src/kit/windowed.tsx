import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

const marginRows = 12;

interface WindowedProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  /** The height of a row, in pixels. */
  readonly rowHeight: number;
  readonly heightMax: number;
  readonly children: (row: Row, index: number) => ComponentChildren;
}

/**
 * Draws only the visible rows of a long list, and reserves the room of the others. All rows have
 * the same height. A short list is drawn as a whole.
 */
export function Windowed<Row>({ label, rows, rowHeight, heightMax, children }: WindowedProps<Row>) {
  const place = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const follow = () => (top.value = Math.floor(element.scrollTop / rowHeight));
    element.addEventListener('scroll', follow, { passive: true });
    return () => element.removeEventListener('scroll', follow);
  }, [rowHeight]);
  const seen = Math.ceil(heightMax / rowHeight);
  const first = Math.max(0, Math.min(top.value - marginRows, rows.length - seen));
  const last = Math.min(rows.length, top.value + seen + marginRows);
  return (
    <div
      class="windowed"
      ref={place}
      tabIndex={0}
      role="region"
      aria-label={label}
      style={{ maxHeight: `${heightMax}px` }}
    >
      <div style={{ height: `${rows.length * rowHeight}px`, position: 'relative' }}>
        <div style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {rows.slice(first, last).map((row, index) => children(row, first + index))}
        </div>
      </div>
    </div>
  );
}
