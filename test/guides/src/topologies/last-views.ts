import { consumed, materialized, produced, serdes, StreamsBuilder, type Topology } from '@millrace/streams';

const views = serdes.json<readonly string[]>();
const viewsMax = 10;

/** G48, Airbnb: the last 10 listings that a user has viewed, the newest first, as a feature for a ranking. */
export function lastViews(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('listing-views', consumed(serdes.string, serdes.string))
    .groupByKey()
    .aggregate<readonly string[]>(
      () => [],
      (_user, listing, last) => [listing, ...last].slice(0, viewsMax),
      materialized('last-views', { valueSerde: views }),
    )
    .toStream()
    .to('user-features', produced(serdes.string, views));
  return builder.build();
}
