const parts =
  /\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|SELECT|FROM|JOIN)\s+(?:ONLY\s+)?"?([a-z_]\w*)"?(\s*\()?/gi;
const definitions = /(?:\bWITH|,)\s+(?:RECURSIVE\s+)?"?([a-z_]\w*)"?\s+AS\s+(?:MATERIALIZED\s+)?\(/gi;
const noTable = new Set(['set', 'of', 'skip', 'nowait', 'unnest', 'generate_series', 'only', 'lateral']);
const charactersMax = 255;

/**
 * Summarises a statement for the name of a span: what it does to which tables, as in
 * `SELECT saga_timer` or `UPDATE consumer_offset INSERT inbox`. Writes take precedence over the
 * reads that they need. A statement without a table is named after the function that it calls, or
 * its first word.
 */
export function summarize(text: string): string {
  const defined = new Set([...text.matchAll(definitions)].map(([, name = '']) => name.toLowerCase()));
  const found = [...text.matchAll(parts)].map(([, verb = '', name = '', call]) => ({
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
  return summary.slice(0, charactersMax);
}

const distinct = (words: readonly string[]): readonly string[] => [...new Set(words)];
