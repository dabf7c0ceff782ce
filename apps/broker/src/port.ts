import { int, type ConfigKind } from '@millrace/streaming-core/broker';

/** The highest TCP port. */
export const portMax = 65_535;

/** A port as a setting; 0 means any free port. */
export const port = (byDefault: string, min = 0): ConfigKind => int(byDefault, BigInt(min), BigInt(portMax));
