import { Field, QueryField, QuerySelect, Select, UtcField } from '../../kit/fields.tsx';
import { setQuery } from '../../kit/router.ts';
import { placeOf } from './messages-model.ts';

/** The fields of the address that say what a message must have to be shown. */
export const filterFields = ['partition', 'key', 'type', 'correlationId', 'text'];

/** The console's backend looks for what fits, so that the page gets little. */
export const FilterFields = ({ partitions }: { readonly partitions: number }) => (
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
    <QueryField label="Correlation id" name="correlationId" placeholder="the whole id" />
    <QueryField label="Text in the value" name="text" placeholder="a part of it" />
  </>
);

/** What reading can begin at: the name of each place, and where it begins if nothing else is given. */
const places = [
  ['last', 'the last of each partition', () => '-50'],
  ['beginning', 'the beginning', () => 'beginning'],
  ['end', 'the end', () => 'end'],
  ['offset', 'an offset', () => '0'],
  ['time', 'a time', () => new Date(Date.now() - 3_600_000).toISOString()],
] as const;

export function PlaceFields({ from }: { readonly from: string }) {
  const { kind, value } = placeOf(from);
  const beginAt = (place: string | undefined) => place && setQuery({ from: place });
  return (
    <>
      <Select
        label="Begin at"
        value={kind}
        options={places.map(([name, title]) => [name, title])}
        chosen={(chosen) => beginAt(places.find(([name]) => name === chosen)?.[2]())}
      />
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
