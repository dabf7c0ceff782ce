import { consumed, produced, serdes, StreamsBuilder, type Topology } from '@millrace/streams';

/** G13: each record of the input becomes one record of the output. */
export function transform(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('input-topic', consumed(serdes.string, serdes.string))
    .mapValues((value) => value.toUpperCase())
    .to('output-topic', produced(serdes.string, serdes.string));
  return builder.build();
}
