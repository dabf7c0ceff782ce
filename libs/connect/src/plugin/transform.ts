import type { ConnectRecord } from '../record/records.ts';
import type { ConnectConfig, ConnectSetting } from './setting.ts';

/** Changes one record at a time, for one task. */
export interface Transform {
  /**
   * Returns the record, changed or as it is, or undefined to leave it out. A changed record is a copy
   * (`{ ...record, value }`), so that it keeps the properties of a source's or a sink's record. Work that
   * depends only on a schema belongs in a cache by schema object, since all records pass here.
   */
  apply<Changed extends ConnectRecord>(record: Changed): Changed | undefined;
}

/** A kind of transform, which `transforms.NAME.type` names. */
export interface TransformKind {
  /** The class, with `$Key` or `$Value` where Kafka's has it. */
  readonly class: string;
  readonly settings: readonly ConnectSetting[];
  /** Settings of the foreign transform that change nothing here. */
  readonly ignored?: readonly string[];
  /** `config` has the transform's own settings, without the prefix `transforms.NAME.`, with every default. */
  readonly create: (config: ConnectConfig) => Transform;
}
