import { context, SpanKind, trace, type Attributes } from '@opentelemetry/api';
import pg from 'pg';
import { endSpan, errorTypeOf, failureOf, stopwatch, type Instruments } from './instruments.ts';
import { attribute, value } from './names.ts';

type Client = { readonly database?: string; readonly host?: string; readonly port?: number };
type Query = (this: Client, ...given: unknown[]) => unknown;

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * `INSERT outbox`, CLIENT: one span for each statement of every connection, including those of
 * entities. Statements outside of a span get none, so that polling loops create no spans, but all
 * statements are measured. Returns a function that stops this.
 */
export function observeStatements(instruments: Instruments): () => void {
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const original = prototype.query;
  prototype.query = function (...given) {
    const statement = statementOf(given);
    if (statement === undefined) return original.apply(this, given);
    const end = begin(instruments, this, statement);
    const callback = given.at(-1);
    if (typeof callback === 'function') {
      given[given.length - 1] = (error: unknown, result: unknown) => {
        end(error ?? undefined);
        (callback as (error: unknown, result: unknown) => void)(error, result);
      };
      return original.apply(this, given);
    }
    const answer = original.apply(this, given) as Promise<unknown>;
    answer.then(() => end(), end);
    return answer;
  };
  return () => void (prototype.query = original);
}

/** Returns undefined for queries without text, such as a cursor. */
function statementOf([query, values]: readonly unknown[]): Statement | undefined {
  if (typeof query === 'string') return { text: query, values: Array.isArray(values) ? values : [] };
  if (typeof query !== 'object' || query === null || 'submit' in query || 'callback' in query)
    return undefined;
  const { text, values: own } = query as { text?: unknown; values?: unknown };
  return typeof text === 'string'
    ? { text, values: Array.isArray(own) ? own : Array.isArray(values) ? values : [] }
    : undefined;
}

function begin(
  { tracer, statementDuration }: Instruments,
  client: Client,
  { text, values }: Statement,
): (error?: unknown) => void {
  const elapsed = stopwatch();
  const { summary, operation, oneLine, takesRows } = describe(text);
  const measured = placeOf(client, operation);
  const parent = trace.getSpan(context.active());
  const size = takesRows ? rowsOf(values) : 0;
  const span = parent?.isRecording()
    ? tracer.startSpan(summary, {
        kind: SpanKind.CLIENT,
        attributes: {
          ...measured,
          [attribute.dbQuerySummary]: summary,
          [attribute.dbQueryText]: oneLine,
          ...(size > 1 && { [attribute.dbOperationBatchSize]: size }),
        },
      })
    : undefined;
  return (error) => {
    if (error !== undefined) span?.setAttribute(attribute.dbResponseStatusCode, errorTypeOf(error));
    if (span !== undefined) endSpan(span, error);
    statementDuration.record(elapsed(), { ...measured, ...failureOf(error) });
  };
}

const placeOf = ({ database, host, port }: Client, operation: string): Attributes => ({
  [attribute.dbSystemName]: value.postgresql,
  [attribute.dbOperationName]: operation,
  ...(database !== undefined && { [attribute.dbNamespace]: database }),
  ...(host !== undefined && { [attribute.serverAddress]: host }),
  ...(port !== undefined && { [attribute.serverPort]: port }),
});

const rowsOf = (values: readonly unknown[]): number =>
  Math.max(0, ...values.map((each) => (Array.isArray(each) ? each.length : 0)));

interface Described {
  readonly summary: string;
  readonly operation: string;
  readonly oneLine: string;
  /** Whether the statement takes rows, as one array for each column. */
  readonly takesRows: boolean;
}

const described = new Map<string, Described>();
const describedMax = 1_000;
const textCharactersMax = 4_000;

/** Computed once for each statement in the code. */
function describe(text: string): Described {
  const known = described.get(text);
  if (known !== undefined) return known;
  const summary = summarize(text);
  const oneLine = text.replaceAll(/\s+/g, ' ').trim().slice(0, textCharactersMax);
  const found = {
    summary,
    operation: summary.split(' ', 1)[0] ?? 'SQL',
    oneLine,
    takesRows: /\bunnest\s*\(/i.test(text),
  };
  if (described.size < describedMax) described.set(text, found);
  return found;
}

const summaryParts =
  /\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|SELECT|FROM|JOIN)\s+(?:ONLY\s+)?"?([a-z_]\w*)"?(\s*\()?/gi;
const definitions = /(?:\bWITH|,)\s+(?:RECURSIVE\s+)?"?([a-z_]\w*)"?\s+AS\s+(?:MATERIALIZED\s+)?\(/gi;
const noTable = new Set(['set', 'of', 'skip', 'nowait', 'unnest', 'generate_series', 'only', 'lateral']);
const summaryCharactersMax = 255;

/**
 * Summarises a statement for the name of a span: what it does to which tables, as in
 * `SELECT saga_timer` or `UPDATE consumer_offset INSERT inbox`. Writes take precedence over the
 * reads that they need. A statement without a table is named after the function that it calls, or
 * its first word.
 */
export function summarize(text: string): string {
  const defined = new Set([...text.matchAll(definitions)].map(([, name = '']) => name.toLowerCase()));
  const found = [...text.matchAll(summaryParts)].map(([, verb = '', name = '', call]) => ({
    verb: (/^\w+/.exec(verb)?.[0] ?? '').toUpperCase(),
    name: name.toLowerCase(),
    isCall: call !== undefined && !/^insert/i.test(verb),
  }));
  const tables = found.filter(
    ({ verb, name, isCall }) => verb !== 'SELECT' && !isCall && !noTable.has(name) && !defined.has(name),
  );
  const writes = tables
    .filter(({ verb }) => verb !== 'FROM' && verb !== 'JOIN')
    .map(({ verb, name }) => `${verb} ${name}`);
  const reads = tables.map(({ name }) => name);
  const calls = found.filter(({ isCall, name }) => isCall && !noTable.has(name)).map(({ name }) => name);
  const first = (/^\s*(\w+)/.exec(text)?.[1] ?? 'SQL').toUpperCase();
  const summary =
    writes.length > 0
      ? distinct(writes).join(' ')
      : [first === 'WITH' ? 'SELECT' : first, ...distinct(reads.length > 0 ? reads : calls)].join(' ');
  return summary.slice(0, summaryCharactersMax);
}

const distinct = (words: readonly string[]): readonly string[] => [...new Set(words)];
