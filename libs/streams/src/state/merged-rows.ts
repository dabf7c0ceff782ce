import { compareBytes } from './bytes-order.ts';
import type { Row, TableWrite } from './store-engine.ts';

/** Merges rows with entries that hide the rows of the same key. Both must be in this order. */
export function* mergedRows(
  hiding: Iterator<TableWrite>,
  stored: Iterator<Row>,
  reverse: boolean,
): Generator<Row, undefined> {
  const sign = reverse ? -1 : 1;
  let entry = hiding.next();
  let row = stored.next();
  while (entry.done !== true || row.done !== true) {
    const order =
      row.done === true ? -1 : entry.done === true ? 1 : compareBytes(entry.value.key, row.value.key) * sign;
    if (entry.done !== true && order <= 0) {
      const { key, value } = entry.value;
      if (value !== null) yield { key, value };
      entry = hiding.next();
    }
    if (row.done !== true && order >= 0) {
      if (order > 0) yield row.value;
      row = stored.next();
    }
  }
}
