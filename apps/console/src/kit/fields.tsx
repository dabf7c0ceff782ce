import { queryOf, setQuery } from './router.ts';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly type?: 'text' | 'number' | 'datetime-local';
  readonly required?: boolean;
  readonly placeholder?: string;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** Called with the value at every key press. */
  readonly typed?: (value: string) => void;
  /** Called with the value when the field loses the focus. */
  readonly entered?: (value: string) => void;
}

export const Field = ({ label, type = 'text', typed, entered, ...input }: FieldProps) => (
  <label>
    {label}
    <input
      {...input}
      type={type as 'text'} // Preact has a type of its own for each type of input
      onInput={typed && (({ currentTarget }) => typed(currentTarget.value))}
      onChange={entered && (({ currentTarget }) => entered(currentTarget.value))}
    />
  </label>
);

/** The options, each as its value and its name. */
export type Options = ReadonlyArray<readonly [value: string, name: string | number]>;

/** Options whose values are also their names. */
export const named = (values: readonly string[]): Options => values.map((value) => [value, value]);

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: Options;
  readonly chosen: (value: string) => void;
  readonly required?: boolean;
}

export const Select = ({ label, value, options, chosen, required = false }: SelectProps) => (
  <label>
    {label}
    <select value={value} required={required} onChange={({ currentTarget }) => chosen(currentTarget.value)}>
      {options.map(([one, name]) => (
        <option key={one} value={one}>
          {name}
        </option>
      ))}
    </select>
  </label>
);

interface QueryFieldProps {
  readonly label: string;
  /** The name of the field in the query of the address, which keeps its value. */
  readonly name: string;
  readonly placeholder?: string;
}

export const QueryField = ({ name, ...field }: QueryFieldProps) => (
  <Field
    {...field}
    value={queryOf(name)}
    maxLength={249}
    entered={(value) => setQuery({ [name]: value.trim() })}
  />
);

/** A choice that the address keeps. The option without a value stands for all. */
export function QuerySelect({
  label,
  name,
  options,
}: Omit<QueryFieldProps, 'placeholder'> & Pick<SelectProps, 'options'>) {
  const value = queryOf(name);
  const offered = options.some(([one]) => one === value) ? options : [...options, ...named([value])];
  return <Select label={label} value={value} options={offered} chosen={(one) => setQuery({ [name]: one })} />;
}

/** The choice of one service or of all, which the address keeps. */
export const ServiceField = ({ services }: { readonly services: readonly string[] }) => (
  <QuerySelect label="Service" name="service" options={[['', 'all'], ...named(services)]} />
);

interface UtcFieldProps {
  readonly label: string;
  /** A moment in UTC as ISO 8601, or empty. */
  readonly value: string;
  readonly entered: (value: string) => void;
}

export const UtcField = ({ label, value, entered }: UtcFieldProps) => (
  <Field
    label={`${label} (UTC)`}
    type="datetime-local"
    step={1}
    value={value.slice(0, 19)}
    entered={(moment) => entered(moment === '' ? '' : new Date(`${moment}Z`).toISOString())}
  />
);
