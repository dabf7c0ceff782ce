import type { ConnectRecord } from '../record/records.ts';
import type { ConnectConfig, ConnectSetting } from './setting.ts';

/** Changes the records of one task, one at a time. */
export interface Transform {
  /**
   * Returns the record, changed or as it is, or undefined to leave it out. A transform returns a changed copy
   * (`{ ...record, value }`), so that the properties of a source's or a sink's record remain. It caches work
   * that depends only on a schema by the schema object, because every record passes here.
   */
  apply<Changed extends ConnectRecord>(record: Changed): Changed | undefined;
}

/** A kind of transform, which `transforms.NAME.type` names. */
export interface TransformKind {
  /** The class, with `$Key` or `$Value` where Kafka's has it. */
  readonly class: string;
  readonly settings: readonly ConnectSetting[];
  /** Settings of the original transform that have no effect here. */
  readonly ignored?: readonly string[];
  /** `config` has the transform's own settings, without the prefix `transforms.NAME.`, and every default. */
  readonly create: (config: ConnectConfig) => Transform;
}
