import { QueryField } from '../../kit/query-field.tsx';
import { queryOf, setQuery } from '../../kit/router.ts';
import { UtcField } from '../../kit/utc-field.tsx';
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
      <label>
        Partition
        <select
          value={queryOf('partition')}
          onChange={({ currentTarget }) => setQuery({ partition: currentTarget.value })}
        >
          <option value="">all {partitions}</option>
          {Array.from({ length: partitions }, (_, partition) => (
            <option key={partition} value={String(partition)}>
              {partition}
            </option>
          ))}
        </select>
      </label>
      <QueryField label="Key" name="key" placeholder="the whole key" />
      <QueryField label="Type" name="type" placeholder="the whole type" />
      <QueryField label="Correlation id" name="correlation" placeholder="the whole id" />
      <QueryField label="Text in the value" name="text" placeholder="a part of it" />
    </>
  );
}

const kinds = {
  last: 'the last of each partition',
  beginning: 'the beginning',
  end: 'the end',
  offset: 'an offset',
  time: 'a time',
};
type Kind = keyof typeof kinds;

/** Where reading begins. */
export function PlaceFields({ from }: { readonly from: string }) {
  const { kind, value } = placeOf(from);
  const seek = (next: Kind) => {
    const begins = {
      last: '-50',
      beginning: 'beginning',
      end: 'end',
      offset: '0',
      time: new Date(Date.now() - 3_600_000).toISOString(),
    };
    setQuery({ from: begins[next] });
  };
  return (
    <>
      <label>
        Begin at
        <select value={kind} onChange={({ currentTarget }) => seek(currentTarget.value as Kind)}>
          {Object.entries(kinds).map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {(kind === 'last' || kind === 'offset') && (
        <label>
          {kind === 'last' ? 'How many' : 'Offset'}
          <input
            type="number"
            min={kind === 'last' ? 1 : 0}
            max={kind === 'last' ? 100_000 : undefined}
            value={value}
            onChange={({ currentTarget }) =>
              currentTarget.value !== '' &&
              setQuery({ from: kind === 'last' ? `-${currentTarget.value}` : currentTarget.value })
            }
          />
        </label>
      )}
      {kind === 'time' && (
        <UtcField label="Time" value={value} change={(time) => time !== '' && setQuery({ from: time })} />
      )}
    </>
  );
}
