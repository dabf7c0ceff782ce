import type { AcksRow } from './acks-table.ts';
import type { RecordCounts, RecordViolation } from './check-records.ts';
import type { FaultName } from './faults.ts';
import type { OrderOutcome } from './order-load.ts';

export interface FaultRow {
  readonly name: FaultName;
  readonly title: string;
  /** The time from the fault until every replica was in sync again. */
  readonly seconds: number;
  readonly records: number;
  readonly orders: number;
  /** The longest time in which nothing was acknowledged. */
  readonly silenceMs: number;
}

export interface RunReport {
  readonly seconds: number;
  readonly faults: readonly FaultRow[];
  readonly records: RecordCounts;
  readonly orders: OrderOutcome;
  readonly acks: readonly AcksRow[];
  readonly violations: readonly Pick<RecordViolation, 'subject' | 'detail'>[];
}

export const faultInWords = ({ title, seconds, records, orders, silenceMs }: FaultRow): string =>
  `${title}: ${seconds} s, ${records} records acknowledged, ${orders} orders placed, ` +
  `${(silenceMs / 1_000).toFixed(1)} s without an acknowledgement`;

const acksInWords = ({ fault, acks, acknowledged, kept, lost }: AcksRow): string =>
  `acks=${acks}, ${fault}: ${acknowledged} acknowledged, ${kept} kept, ${lost} lost`;

export function reportInWords({ seconds, faults, records, orders, acks, violations }: RunReport): string {
  const { acknowledged, kept, unknown, unknownStored, refused, read } = records;
  return [
    ...faults.map(faultInWords),
    ...acks.map(acksInWords),
    `${acknowledged} records acknowledged, ${kept} kept; ${unknown} unknown, ` +
      `${unknownStored} of them stored; ${refused} refused; ${read} read during the faults`,
    `${orders.placed} orders placed: ${orders.completed} completed, ${orders.cancelled} cancelled`,
    `${seconds} s, violations: ${violations.length === 0 ? 'none' : violations.length}`,
    ...violations.map(({ subject, detail }) => `  ${subject}: ${detail}`),
  ].join('\n');
}
