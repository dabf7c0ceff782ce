import type { Options } from './fields.tsx';
import { queryOf, withQuery } from './router.ts';

interface TabsProps {
  readonly label: string;
  /** The field of the query that keeps the choice. */
  readonly name: string;
  /** The first one counts where the address has none. */
  readonly options: Options;
  /** Fields of the query that mean nothing on another tab. */
  readonly leaves?: readonly string[];
}

/** The value of the tab that the address names, or the first one. */
export const tabOf = (name: string, options: Options): string =>
  options.find(([value]) => value === queryOf(name))?.[0] ?? options[0]?.[0] ?? '';

/** Views of one thing, of which the address names one. */
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
