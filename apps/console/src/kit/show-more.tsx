import { queryOf, withQuery } from './router.ts';

const limits = ['100', '300', '1000'];

/** How many rows of a list the address asks for. */
export const shownLimit = (): string => limits.find((one) => one === queryOf('limit')) ?? '100';

/** A link to more rows of a list, up to its last limit. */
export function ShowMore({ mayHaveMore }: { readonly mayHaveMore: boolean | undefined }) {
  if (mayHaveMore !== true) return null;
  const next = limits[limits.indexOf(shownLimit()) + 1];
  return (
    <p class="more">
      {next === undefined ? (
        'There are more: narrow the filter'
      ) : (
        <a href={withQuery({ limit: next })}>Show up to {next}</a>
      )}
    </p>
  );
}
