import { styleText } from 'node:util';
import { describe, endedAsExpected, type SampleResult } from './sample-orders.ts';

const columns: ReadonlyArray<readonly [string, (result: SampleResult) => string]> = [
  ['order', (result) => result.orderId?.slice(-8) ?? '-'],
  ['scenario', (result) => result.scenario],
  ['outcome', (result) => result.outcome],
  ['reason', (result) => result.reason ?? '-'],
  ['steps', (result) => result.steps.join(' ')],
  ['compensations', (result) => result.compensations.join(' ') || '-'],
  ['ms', (result) => String(result.durationMs)],
];

/**
 * Renders one line per order. The line of an order that did not end as expected says how it should
 * have ended.
 */
export function renderTable(results: readonly SampleResult[]): string {
  const rows = results.map((result) => columns.map(([, cell]) => cell(result)));
  const widths = columns.map(([title], index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const body = results.map((result, index) => {
    const text = line(rows[index] ?? []);
    return endedAsExpected(result)
      ? text
      : styleText(
          'red',
          `${text}   expected ${result.expected}, was ${describe(result.outcome, result.reason)}`,
        );
  });
  return [styleText('bold', line(columns.map(([title]) => title))), rule, ...body].join('\n');
}
