import { queryOf, setQuery } from './router.ts';

/** A field that the address keeps. */
export function QueryField({
  label,
  name,
  placeholder,
}: {
  readonly label: string;
  readonly name: string;
  readonly placeholder?: string;
}) {
  return (
    <label>
      {label}
      <input
        value={queryOf(name)}
        placeholder={placeholder}
        maxLength={249}
        onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value })}
      />
    </label>
  );
}
