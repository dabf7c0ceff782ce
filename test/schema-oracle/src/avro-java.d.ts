import type { Incompatibility } from '@millrace/schema-registry/compatibility';
/** Two texts, which need not be schemas. */
export interface SchemaPair {
    readonly reader: string;
    readonly writer: string;
}
/** The canonical texts, null for what is not a schema, and what the reader cannot read. */
export interface Judgement {
    readonly reader: string | null;
    readonly writer: string | null;
    readonly found?: readonly Incompatibility[];
    /** True if a field of the reader has aliases that name several fields of the writer. */
    readonly ambiguous?: true;
}
/** One JVM with Apache Avro. */
export declare class AvroJava {
    #private;
    private constructor();
    /** Fetches the jars and compiles the source if that has not been done before. */
    static start(print?: (line: string) => void): Promise<AvroJava>;
    judge(pairs: readonly SchemaPair[]): Promise<readonly Judgement[]>;
    stop(): Promise<void>;
}
