/** A field for a moment in UTC, as the address has it: ISO 8601, or empty. */
export function UtcField({
  label,
  value,
  change,
}: {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
}) {
  return (
    <label>
      {label} (UTC)
      <input
        type="datetime-local"
        step="1"
        value={value.slice(0, 19)}
        onChange={({ currentTarget: { value: typed } }) =>
          change(typed === '' ? '' : new Date(`${typed}Z`).toISOString())
        }
      />
    </label>
  );
}
