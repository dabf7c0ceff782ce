import type { Options } from './fields.tsx';
import { queryOf, withQuery } from './router.ts';

interface TabsProps {
  readonly label: string;
  /** The field of the query that keeps the choice. */
  readonly name: string;
  /** The tabs. The first one is the default. */
  readonly options: Options;
  /** Fields of the query that have no meaning on another tab. */
  readonly leaves?: readonly string[];
}

/** The value of the tab that the address names, or the first one. */
export const tabOf = (name: string, options: Options): string =>
  options.find(([value]) => value === queryOf(name))?.[0] ?? options[0]?.[0] ?? '';

/** Tabs for several views of one thing. The address names the selected one. */
export function Tabs({ label, name, options, leaves = [] }: TabsProps) {
  const open = tabOf(name, options);
  const left = Object.fromEntries(leaves.map((field) => [field, undefined]));
  return (
    <nav class="tabs" aria-label={label}>
      {options.map(([value, title], index) => (
        <a
          key={value}
          href={withQuery({ ...left, [name]: index === 0 ? undefined : value })}
          aria-current={value === open ? 'true' : undefined}
        >
          {title}
        </a>
      ))}
    </nav>
  );
}
