import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { entriesIn, nameOf, pathOf } from './runbook-model.ts';

const document = readFileSync(
  join(import.meta.dirname, '../../../../../docs/operations/what-to-do.md'),
  'utf8',
);

describe('the runbook in the console', () => {
  it('has an entry for every alert, each with something to read', () => {
    const rules = readFileSync(
      join(import.meta.dirname, '../../../../../deploy/prometheus/rules.yml'),
      'utf8',
    );
    const alerts = [...rules.matchAll(/alert: (Millrace\w+)/g)].map(([, alert]) => alert);
    const entries = entriesIn(document);

    expect(entries.map(({ rule }) => rule).sort()).toEqual([...new Set(alerts)].sort());
    expect(entries.filter(({ blocks }) => blocks.length === 0)).toEqual([]);
  });

  it('shows no characters of the markup', () => {
    const texts = entriesIn(document)
      .flatMap(({ blocks }) => blocks)
      .flatMap((block) => (block.kind === 'list' ? block.items.flat() : block.words))
      .filter(({ kind }) => kind === 'text')
      .map(({ text }) => text);
    expect(texts.filter((text) => /[`[\]]|^- /.test(text))).toEqual([]);
  });

  it('reads paragraphs, lists, code and links', () => {
    const text =
      '# A\n\n## When an alarm is raised\n\nAbove.\n\n### MillraceAway\n\nIt is `status`\nthat [says](a.md#b) so:\n\n- one\n- two\n\n## Next\n\n### No\n';
    expect(entriesIn(text)).toEqual([
      {
        rule: 'MillraceAway',
        blocks: [
          {
            kind: 'paragraph',
            words: [
              { kind: 'text', text: 'It is ' },
              { kind: 'code', text: 'status' },
              { kind: 'text', text: ' that ' },
              { kind: 'link', text: 'says', target: 'a.md#b' },
              { kind: 'text', text: ' so:' },
            ],
          },
          { kind: 'list', items: [[{ kind: 'text', text: 'one' }], [{ kind: 'text', text: 'two' }]] },
        ],
      },
    ]);
  });

  it.each([
    ['#the-disk-is-full', 'docs/operations/what-to-do.md#the-disk-is-full'],
    ['backup.md', 'docs/operations/backup.md'],
    ['../OPERATIONS.md#parked-keys', 'docs/OPERATIONS.md#parked-keys'],
  ])('says where the target of a link stands: %s', (target, path) => {
    expect(pathOf(target)).toBe(path);
  });

  it('names a rule in words', () => {
    expect(nameOf('MillraceSagasNeedAttention')).toBe('sagas need attention');
  });
});
