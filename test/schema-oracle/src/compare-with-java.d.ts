import type { AvroJava, Judgement, SchemaPair } from './avro-java.ts';
interface Difference {
    readonly seed: number;
    readonly pair: SchemaPair;
    readonly javas: Judgement;
    readonly ours: Judgement;
}
export interface SchemaReport {
    /** The first seed. */
    readonly seed: number;
    readonly pairs: number;
    /** Pairs of which Java refuses a text. */
    readonly refused: number;
    readonly readable: number;
    /** How often Java found each kind of incompatibility. */
    readonly found: Readonly<Record<string, number>>;
    readonly differences: readonly Difference[];
}
/** Compares what is a schema, its canonical text, and each incompatibility, for this many seeds. */
export declare function compareWithJava(java: AvroJava, { seed: first, pairs }: Pick<SchemaReport, 'seed' | 'pairs'>): Promise<SchemaReport>;
export declare const reportInWords: ({ seed, pairs, refused, readable: fits, found, differences, }: SchemaReport) => string;
export {};
