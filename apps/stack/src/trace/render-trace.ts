import type { ReceivedSpan } from './read-spans.ts';

/** Tells whether a span is a database statement, which is not shown but counted at its parent. */
const isStatement = ({ attributes }: ReceivedSpan): boolean => attributes['db.system.name'] !== undefined;

interface Line {
  readonly text: string;
  readonly span: ReceivedSpan;
}

/**
 * Renders one line per span, under its parent: name, service, start and duration in milliseconds,
 * the number of its statements and their time, and why it failed. A span whose parent is missing,
 * or has not arrived yet, is at the top.
 */
export function renderTrace(spans: readonly ReceivedSpan[]): string {
  const shown = spans
    .filter((span) => !isStatement(span))
    .toSorted((one, other) => one.startMs - other.startMs);
  const ids = new Set(shown.map(({ spanId }) => spanId));
  const childrenOf = byParent(shown, (id) => (ids.has(id) ? id : ''));
  const lines = linesUnder('', '', childrenOf, new Set());
  const width = Math.max(0, ...lines.map(({ text }) => text.length));
  const services = Math.max(0, ...shown.map(({ service }) => service.length));
  const beginMs = shown[0]?.startMs ?? 0;
  const statements = byParent(spans.filter(isStatement), (id) => id);
  return lines
    .map(({ text, span }) => {
      const began = `+${Math.round(span.startMs - beginMs)}`.padStart(7);
      const took = span.durationMs.toFixed(1).padStart(8);
      return (
        `${text.padEnd(width)}  ${span.service.padEnd(services)} ${began} ` +
        `${took} ms${describe(statements.get(span.spanId))}${failureOf(span)}`
      );
    })
    .join('\n');
}

function byParent(
  spans: readonly ReceivedSpan[],
  placeOf: (parentId: string) => string,
): ReadonlyMap<string, readonly ReceivedSpan[]> {
  const groups = new Map<string, ReceivedSpan[]>();
  for (const span of spans) {
    const place = placeOf(span.parentSpanId ?? '');
    const group = groups.get(place) ?? [];
    group.push(span);
    groups.set(place, group);
  }
  return groups;
}

/**
 * Lists the spans depth first, each of them once, so that a cycle of parents does not loop forever.
 */
function linesUnder(
  parent: string,
  indent: string,
  childrenOf: ReadonlyMap<string, readonly ReceivedSpan[]>,
  seen: Set<string>,
): readonly Line[] {
  const children = (childrenOf.get(parent) ?? []).filter(({ spanId }) => !seen.has(spanId));
  for (const { spanId } of children) seen.add(spanId);
  const atTop = parent === '';
  return children.flatMap((span, index) => {
    const last = index === children.length - 1;
    const text = atTop ? span.name : `${indent}${last ? '└' : '├'} ${span.name}`;
    return [
      { text, span },
      ...linesUnder(span.spanId, atTop ? '' : `${indent}${last ? ' ' : '│'}`, childrenOf, seen),
    ];
  });
}

function describe(statements: readonly ReceivedSpan[] | undefined): string {
  if (statements === undefined) return '';
  return `  ${statements.length} statement${statements.length === 1 ? '' : 's'} ${coveredMs(statements).toFixed(1)} ms`;
}

const failureOf = ({ failed, attributes }: ReceivedSpan): string =>
  failed ? `  failed (${String(attributes['error.type'] ?? 'unknown')})` : '';

/**
 * Returns the time that the statements took in total. They are sent together and answered one after
 * the other, so it is less than the sum of their times.
 */
function coveredMs(spans: readonly ReceivedSpan[]): number {
  let covered = 0;
  let until = -Infinity;
  for (const { startMs, durationMs } of spans.toSorted((one, other) => one.startMs - other.startMs)) {
    covered += Math.max(0, startMs + durationMs - Math.max(startMs, until));
    until = Math.max(until, startMs + durationMs);
  }
  return covered;
}
