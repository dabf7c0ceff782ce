import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Setting, Settings } from '@millrace/service-chassis/config';

const reference = join(import.meta.dirname, '../../../docs/reference');
const columnsMax = 120;

/** One entry of a reference page. The text consists of whole sentences. */
export interface ReferenceEntry {
  readonly name: string;
  /** The text in parentheses after the name, such as the default of a setting. */
  readonly about: string;
  readonly text: string;
}

/**
 * Returns the entries of a section of a page in `docs/reference` and those that the code declares, so
 * that a test can compare them. Their order and line breaks do not count, since both change when a
 * fork gets another name. `npm run reference` runs these tests with `MILLRACE_WRITE_REFERENCE=1`;
 * then the section is written first.
 */
export function referenceSection(
  page: string,
  heading: string,
  entries: readonly ReferenceEntry[],
): { readonly onPage: readonly string[]; readonly inCode: readonly string[] } {
  const wanted = entries.map(linesOf).join('\n');
  const path = join(reference, page);
  const [before, written, after] = splitAt(readFileSync(path, 'utf8'), heading, page);
  const writes = process.env.MILLRACE_WRITE_REFERENCE === '1';
  if (writes) writeFileSync(path, `${before}\n${wanted}\n${after}`);
  return { onPage: entriesIn(writes ? wanted : written), inCode: entriesIn(wanted) };
}

const entriesIn = (section: string): readonly string[] =>
  section
    .split(/^- /m)
    .map((entry) => entry.replaceAll(/\s+/g, ' ').trim())
    .filter((entry) => entry !== '')
    .sort();

/** Splits a page into what is before a section, the section without its heading, and the rest. */
function splitAt(text: string, heading: string, page: string): readonly [string, string, string] {
  const start = text.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`docs/reference/${page} has no heading "## ${heading}": add it`);
  const begin = start + `\n## ${heading}\n`.length;
  const next = text.indexOf('\n## ', begin);
  const end = next < 0 ? text.length : next;
  return [text.slice(0, begin), text.slice(begin, end), text.slice(end)];
}

function linesOf({ name, about, text }: ReferenceEntry): string {
  const lines = ['-'];
  // Code between backticks stays on one line.
  for (const [word] of `\`${name}\` (${about}): ${text}`.matchAll(/(`[^`]*`|[^\s`])+/g)) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= columnsMax) lines[lines.length - 1] = line;
    else lines.push(`  ${word}`);
  }
  return lines.join('\n');
}

/** The entries of settings that are declared with `setting`. */
export const settingEntries = (settings: Settings): readonly ReferenceEntry[] =>
  Object.values(settings).flatMap((setting) =>
    'variable' in setting
      ? [{ name: setting.variable, about: defaultOf(setting), text: setting.meaning }]
      : [],
  );

function defaultOf({ schema }: Setting): string {
  const read = schema.safeParse(undefined);
  if (!read.success) return 'required';
  const value = Array.isArray(read.data) ? read.data.join(',') : read.data;
  return ['string', 'number', 'boolean'].includes(typeof value) && value !== ''
    ? `default: \`${String(value)}\``
    : 'default: none';
}

/** The entries of the metrics that a process exposes, without those of Node itself. */
export function metricEntries(exposition: string): readonly ReferenceEntry[] {
  const types = new Map(
    [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
  const helps = new Map(
    [...exposition.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', help = '']) => [name, help]),
  );
  return [...types]
    .filter(([name]) => !/^(process|nodejs)_/.test(name))
    .map(([name, type]) => ({ name, about: type, text: `${helps.get(name)?.replace(/\.$/, '')}.` }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}
