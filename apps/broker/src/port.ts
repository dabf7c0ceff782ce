import { int, type ConfigKind } from '@millrace/streaming-core/broker';

/** Of TCP. */
export const portMax = 65_535;

/** A setting that is a port; 0 takes any free one. */
export const port = (byDefault: string, min = 0): ConfigKind => int(byDefault, BigInt(min), BigInt(portMax));
