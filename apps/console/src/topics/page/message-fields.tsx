import { Field, QueryField, QuerySelect, Select, UtcField, type Options } from '../../kit/fields.tsx';
import { queryOf, setQuery } from '../../kit/router.ts';
import { placeOf } from './messages-model.ts';

const names = {
  partition: 'partition',
  key: 'key',
  type: 'type',
  correlationId: 'correlation',
  text: 'text',
};

/** The filter of the address, as the console's backend takes it. */
export const filterOf = (): readonly (readonly [name: string, value: string])[] =>
  Object.entries(names)
    .map(([name, field]) => [name, queryOf(field)] as const)
    .filter(([, value]) => value !== '');

/** What a message must have to be shown. The console's backend looks, so that the page gets little. */
export function FilterFields({ partitions }: { readonly partitions: number }) {
  return (
    <>
      <QuerySelect
        label="Partition"
        name="partition"
        options={[
          ['', `all ${partitions}`],
          ...Array.from({ length: partitions }, (_, partition) => [String(partition), partition] as const),
        ]}
      />
      <QueryField label="Key" name="key" placeholder="the whole key" />
      <QueryField label="Type" name="type" placeholder="the whole type" />
      <QueryField label="Correlation id" name="correlation" placeholder="the whole id" />
      <QueryField label="Text in the value" name="text" placeholder="a part of it" />
    </>
  );
}

const kinds: Options = [
  ['last', 'the last of each partition'],
  ['beginning', 'the beginning'],
  ['end', 'the end'],
  ['offset', 'an offset'],
  ['time', 'a time'],
];

/** Where reading begins. */
export function PlaceFields({ from }: { readonly from: string }) {
  const { kind, value } = placeOf(from);
  const seek = (next: string) => {
    const begins: Readonly<Record<string, string>> = {
      last: '-50',
      offset: '0',
      time: new Date(Date.now() - 3_600_000).toISOString(),
    };
    setQuery({ from: begins[next] ?? next });
  };
  const beginAt = (given: string) => given !== '' && setQuery({ from: given });
  return (
    <>
      <Select label="Begin at" value={kind} options={kinds} chosen={seek} />
      {kind === 'last' && (
        <Field
          label="How many"
          type="number"
          min={1}
          max={100_000}
          value={value}
          entered={(many) => beginAt(many && `-${many}`)}
        />
      )}
      {kind === 'offset' && <Field label="Offset" type="number" min={0} value={value} entered={beginAt} />}
      {kind === 'time' && <UtcField label="Time" value={value} entered={beginAt} />}
    </>
  );
}
