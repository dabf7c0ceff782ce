import type { ListedStream } from '../../api/event-streams.ts';
import type { Overview } from '../../api/overview.ts';
import { pathTo } from '../../kit/paths.ts';

/** What `patterns.json` adds to a pattern of docs/PATTERNS.md. */
export interface Explanation {
  readonly says: string;
  /** The name of a symbol in `patterns.svg`. */
  readonly picture: string;
  /** The description of the picture for screen readers. */
  readonly shows: string;
  /**
   * The address of a page that shows the pattern at work. Values for the names in braces come from
   * the running system.
   */
  readonly link: string;
  readonly label: string;
}

/** The rows of the table in docs/PATTERNS.md. */
export const patternsIn = (page: string): ReadonlyArray<{ readonly name: string; readonly file: string }> =>
  [...page.matchAll(/^\| ([^|]*[^| ]) +\| `([^`]+)` +\|$/gm)].map(([, name = '', file = '']) => ({
    name,
    file,
  }));

type Listed = ListedStream & { readonly service: string };

/** Returns a link to something that exists now, or undefined if there is none. */
export function linkOf(
  { link }: Pick<Explanation, 'link'>,
  { services, flows, lags, sagas }: Overview,
  stream: Listed | undefined,
): string | undefined {
  const sent = flows.filter(({ direction }) => direction === 'sends');
  const [busiest = lags[0]] = sent.toSorted((one, other) => other.total - one.total);
  const found: Readonly<Record<string, string | undefined>> = {
    stream: stream && pathTo(stream.service, stream.stream),
    topic: busiest && pathTo(busiest.topic),
    group: lags[0] && pathTo(lags[0].group),
    saga: sagas[0] && pathTo(sagas[0].service, sagas[0].definition),
    service: services[0]?.processes[0]?.url,
  };
  const [, name = ''] = /\{(\w+)\}/.exec(link) ?? [];
  if (name === '') return link;
  return found[name] && link.replace(/\/?\{\w+\}/, found[name]);
}
