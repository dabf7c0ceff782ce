import { queryOf, setQuery } from './router.ts';

/** The choice of one service or of all, which the address keeps. */
export function ServiceField({ services }: { readonly services: readonly string[] }) {
  const chosen = queryOf('service');
  const offered = chosen === '' || services.includes(chosen) ? services : [...services, chosen];
  return (
    <label>
      Service
      <select value={chosen} onChange={({ currentTarget }) => setQuery({ service: currentTarget.value })}>
        <option value="">all</option>
        {offered.map((service) => (
          <option key={service}>{service}</option>
        ))}
      </select>
    </label>
  );
}
