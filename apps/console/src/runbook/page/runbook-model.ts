/** An entry of the runbook, by the rule of Prometheus that leads to it. */
export interface Entry {
  readonly rule: string;
  readonly blocks: readonly Block[];
}

type Block =
  | { readonly kind: 'paragraph'; readonly words: readonly Word[] }
  | { readonly kind: 'list'; readonly items: ReadonlyArray<readonly Word[]> };

export type Word =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly target: string };

/**
 * Reads the entries from the runbook: the headings of the third level below `When an alarm is raised`.
 * The entries consist of paragraphs and lists, with code and links in them.
 */
export function entriesIn(markdown: string): readonly Entry[] {
  const [, alarms = ''] = markdown.split(/^## When an alarm is raised$/m);
  const [own = ''] = alarms.split(/^## /m);
  const [, ...sections] = own.split(/^### /m);
  return sections.map((section) => {
    const [rule = '', ...lines] = section.split('\n');
    return { rule: rule.trim(), blocks: blocksIn(lines.join('\n')) };
  });
}

const blocksIn = (text: string): readonly Block[] =>
  text
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter(Boolean)
    .map((block): Block => {
      if (!block.startsWith('- ')) return { kind: 'paragraph', words: wordsIn(oneLine(block)) };
      const items = block.split(/^- /m).slice(1);
      return { kind: 'list', items: items.map((item) => wordsIn(oneLine(item))) };
    });

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, ' ');

/** Code, a link, or the text up to the next of them. */
const parts = /`([^`]+)`|\[([^\]]+)\]\(([^)]+)\)|[^`[]+|[`[]/g;

const wordsIn = (text: string): readonly Word[] =>
  [...text.matchAll(parts)].map(([whole, code, label, target]): Word => {
    if (code !== undefined) return { kind: 'code', text: code };
    if (label === undefined || target === undefined) return { kind: 'text', text: whole };
    return { kind: 'link', text: label.replaceAll('`', ''), target };
  });

/** Where the target of a link in the runbook stands in the workspace. */
export function pathOf(target: string): string {
  const { pathname, hash } = new URL(target, 'file:///docs/operations/what-to-do.md');
  return `${pathname.slice(1)}${hash}`;
}

/**
 * The page that shows the subject of an entry. Rules without one are about figures of the overview.
 */
const pages: Readonly<Record<string, string>> = {
  MillraceConsumerLag: '/groups',
  MillraceConsumerLagSeconds: '/groups',
  MillraceNobodyConsumes: '/groups',
  MillraceDeadLetters: '/dead-letters',
  MillraceKeysParked: '/parked-keys',
  MillraceParkingFull: '/parked-keys',
  MillraceConsumerFailing: '/parked-keys',
  MillraceSagasNeedAttention: '/sagas?state=needs_attention',
  MillraceSagasStuck: '/sagas?state=live&older=3600',
  MillraceTimersOverdue: '/sagas?state=live',
  MillraceTimersUnadopted: '/sagas?state=live',
  MillraceSagaVersionUnknown: '/sagas?state=live',
};

export const pageOf = (rule: string): string => pages[rule] ?? '/#services';

/** The name of a rule as words: `MillraceDeadLetters` is about `dead letters`. */
export const nameOf = (rule: string): string =>
  rule
    .replace(/^Millrace/, '')
    .replaceAll(/\B[A-Z]/g, ' $&')
    .toLowerCase();
